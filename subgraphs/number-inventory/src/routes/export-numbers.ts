/** `GET /export/numbers.csv` and `.jsonl`: exactly the numbers that are asked for, a line each, as many as there are. */
import { answerExport, type ExportForm } from '@numberyard/kit/files/export-lines';
import type { RouteAnswer, RouteRequest } from '@numberyard/kit/service/routes';
import type { Store } from '@numberyard/kit/storage/port';
import { allNumbers } from '../commands/all-numbers.js';
import { columnsFor } from './number-columns.js';
import { readNumberExport } from './number-query.js';

/** @throws GraphQLError BAD_USER_INPUT */
export async function exportNumbers(
  store: Store,
  form: ExportForm,
  { identity, search, signal }: RouteRequest,
): Promise<RouteAnswer> {
  const { query, ...beginning } = await readNumberExport(store, identity, search);
  const columns = columnsFor(identity);
  return answerExport({ form, name: 'numbers', columns, pages: allNumbers(store, query), ...beginning, signal });
}
