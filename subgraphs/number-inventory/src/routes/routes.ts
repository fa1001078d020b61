/** What is served beside the graph. */
import type { Route, Routes } from '@numberyard/kit/service/routes';
import { requireRoute } from '@numberyard/schema/guard';
import type { Route as RouteName } from '@numberyard/schema/operation-powers';
import type { Deps } from '../commands/context.js';
import { importNumbers } from './import-numbers.js';
import { CSV, exportNumbers, JSON_LINES } from './export-numbers.js';

export function createRoutes(deps: Deps): Routes {
  const { store } = deps;
  return new Map([
    guarded('GET /export/numbers.csv', (request) => exportNumbers(store, CSV, request)),
    guarded('GET /export/numbers.jsonl', (request) => exportNumbers(store, JSON_LINES, request)),
    guarded('POST /import/numbers', (request) => importNumbers(deps, request)),
  ]);
}

/** A route with the power it needs before it. */
function guarded(name: RouteName, answer: Route['answer']): [path: string, route: Route] {
  const [method, path = ''] = name.split(' ');
  return [
    path,
    {
      method: method === 'POST' ? 'POST' : 'GET',
      async answer(request) {
        requireRoute(request.identity, name);
        return answer(request);
      },
    },
  ];
}
