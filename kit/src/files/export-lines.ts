/** A route that exports: what is asked for as CSV or JSON lines, a line each, page by page, as fast as it is taken. */
import type { RouteAnswer } from '../service/routes.js';
import { csvCell } from './csv-cells.js';

/** As JSON tells it. */
export type ExportedValue = string | null | readonly string[] | Readonly<Record<string, string>>;

export interface ExportColumn<Item> {
  readonly name: string;
  of(item: Item): ExportedValue;
}

/** RFC 4180 in UTF-8, or JSON lines. */
export type ExportForm = 'csv' | 'jsonl';

export interface Export<Item> {
  readonly form: ExportForm;
  /** Of the file, without its ending. */
  readonly name: string;
  readonly columns: readonly ExportColumn<Item>[];
  readonly pages: AsyncGenerator<readonly Item[]>;
  /** Whether it goes on from where another ended: then nothing stands before the first line. */
  readonly resumed: boolean;
  /** Whether a CSV file is to begin with a byte order mark. */
  readonly bom: boolean;
  readonly signal: AbortSignal;
}

const TYPES: Readonly<Record<ExportForm, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  jsonl: 'application/x-ndjson; charset=utf-8',
};

/** The first page is read before the answer begins: what is wrong with the request is told by its status. @throws what the pages throw */
export async function answerExport<Item>(exported: Export<Item>): Promise<RouteAnswer> {
  const { form, name, pages, signal } = exported;
  const first = await pages.next();
  return {
    headers: { 'content-type': TYPES[form], 'content-disposition': `attachment; filename="${name}.${form}"` },
    body: (async function* () {
      const header = headerOf(exported);
      if (header !== '') yield header;
      for (let page = first; !page.done && !signal.aborted; page = await pages.next())
        yield page.value.map((item) => lineOf(exported, item)).join('');
    })(),
  };
}

function headerOf<Item>({ form, columns, resumed, bom }: Export<Item>): string {
  if (resumed || form !== 'csv') return '';
  return `${bom ? '\uFEFF' : ''}${columns.map(({ name }) => name).join(',')}\r\n`;
}

function lineOf<Item>({ form, columns }: Export<Item>, item: Item): string {
  if (form === 'csv') return `${columns.map((column) => cellOf(column.of(item))).join(',')}\r\n`;
  return `${JSON.stringify(Object.fromEntries(columns.map((column) => [column.name, column.of(item)])))}\n`;
}

function cellOf(value: ExportedValue): string {
  if (value === null) return '';
  if (typeof value === 'string') return csvCell(value);
  const text = Array.isArray(value) ? value.join(' ') : JSON.stringify(value);
  return text === '{}' ? '' : csvCell(text);
}
