/** `GET /export/numbers.csv` and `.jsonl`: exactly the numbers that are asked for, a line each, as many as there are. */
import { csvCell } from '@numberyard/kit/files/csv-cells';
import type { RouteAnswer, RouteRequest } from '@numberyard/kit/service/routes';
import type { Store } from '@numberyard/kit/storage/port';
import { allNumbers, type PlacedNumber } from '../commands/all-numbers.js';
import { columnsFor, type Column } from './number-columns.js';
import { readNumberExport } from './number-query.js';

interface Form {
  readonly contentType: string;
  readonly file: string;
  /** What stands before the first line. */
  header(columns: readonly Column[], bom: boolean): string;
  line(columns: readonly Column[], number: PlacedNumber): string;
}

/** RFC 4180, in UTF-8. */
export const CSV: Form = {
  contentType: 'text/csv; charset=utf-8; header=present',
  file: 'numbers.csv',
  header: (columns, bom) => `${bom ? '\uFEFF' : ''}${columns.map(({ name }) => name).join(',')}\r\n`,
  line: (columns, number) => `${columns.map((column) => cellOf(column, number)).join(',')}\r\n`,
};

export const JSON_LINES: Form = {
  contentType: 'application/x-ndjson; charset=utf-8',
  file: 'numbers.jsonl',
  header: () => '',
  line: (columns, number) =>
    `${JSON.stringify(Object.fromEntries(columns.map((column) => [column.name, column.of(number)])))}\n`,
};

/** @throws GraphQLError BAD_USER_INPUT */
export async function exportNumbers(
  store: Store,
  form: Form,
  { identity, search, signal }: RouteRequest,
): Promise<RouteAnswer> {
  const { query, resumed, bom } = await readNumberExport(store, identity, search);
  const columns = columnsFor(identity);
  const pages = allNumbers(store, query);
  // The first page before the answer begins: what is wrong with the request is told by its status.
  const first = await pages.next();
  return {
    headers: { 'content-type': form.contentType, 'content-disposition': `attachment; filename="${form.file}"` },
    body: (async function* () {
      const header = resumed ? '' : form.header(columns, bom);
      if (header) yield header;
      for (let page = first; !page.done && !signal.aborted; page = await pages.next())
        yield page.value.map((number) => form.line(columns, number)).join('');
    })(),
  };
}

function cellOf(column: Column, number: PlacedNumber): string {
  const value = column.of(number);
  if (value === null) return '';
  return csvCell(typeof value === 'string' ? value : Array.isArray(value) ? value.join(' ') : extrasOf(value));
}

function extrasOf(value: object): string {
  const text = JSON.stringify(value);
  return text === '{}' ? '' : text;
}
