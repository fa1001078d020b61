/** What is served beside the graph. */
import type { Routes } from '@numberyard/kit/service/routes';
import { guardRoute } from '@numberyard/schema/guard';
import type { Deps } from '../commands/context.js';
import { importNumbers } from './import-numbers.js';
import { CSV, exportNumbers, JSON_LINES } from './export-numbers.js';

export function createRoutes(deps: Deps): Routes {
  const { store } = deps;
  return new Map([
    guardRoute('GET /export/numbers.csv', (request) => exportNumbers(store, CSV, request)),
    guardRoute('GET /export/numbers.jsonl', (request) => exportNumbers(store, JSON_LINES, request)),
    guardRoute('POST /import/numbers', (request) => importNumbers(deps, request)),
  ]);
}
