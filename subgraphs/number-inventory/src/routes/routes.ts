/** What is served beside the graph. */
import type { Routes } from '@numberyard/kit/service/routes';
import { guardRoute } from '@numberyard/schema/guard';
import type { Deps } from '../commands/context.js';
import { importNumbers } from './import-numbers.js';
import { exportNumbers } from './export-numbers.js';

export function createRoutes(deps: Deps): Routes {
  const { store } = deps;
  return new Map([
    guardRoute('GET /export/numbers.csv', (request) => exportNumbers(store, 'csv', request)),
    guardRoute('GET /export/numbers.jsonl', (request) => exportNumbers(store, 'jsonl', request)),
    guardRoute('POST /import/numbers', (request) => importNumbers(deps, request)),
  ]);
}
