/** The lines of an upload, CSV or JSON lines, as what each asks for. */
import { badInput } from '@numberyard/kit/graph/errors';
import { Refused } from '@numberyard/kit/service/message';
import type { ReadLine } from '../commands/import-numbers.js';
import { reason, type Reason } from '../domain/refusals.js';
import { unprotectCell } from '../domain/spreadsheet.js';
import { cellsOf, delimiterOf } from './csv-cells.js';
import { COLUMNS } from './number-columns.js';
import { RecordReader, type RawRecord } from './record-reader.js';

export const MOST_LINES = 1_000_000;

const TEXTS = ['number', 'node', 'description', 'tag', 'e164'] as const;
/** An export has more columns than an import can take; these say what follows from other things. */
const PASSED_OVER = new Set(COLUMNS.map(({ name }) => name).filter((name) => ![...TEXTS, 'extras'].includes(name)));
const PROBLEMS: Readonly<Record<Extract<RawRecord, { problem: unknown }>['problem'], string>> = {
  TOO_LONG:
    'This line is longer than 64 KB, or a quote in it is not closed; what follows up to the next line end is passed over.',
  NOT_UTF8: 'This line holds bytes that are no UTF-8.',
  QUOTE_OPEN: 'A quote in this line is not closed.',
};

/** How the records of an upload are read: given to each in turn; undefined for one that holds no line, as a header. */
type Form = (record: RawRecord, reader: RecordReader) => ReadLine | undefined;

/** @throws GraphQLError BAD_USER_INPUT for a header that does not fit, Refused 413 for too many lines */
export async function* readImport(
  body: AsyncIterable<Uint8Array>,
  form: 'csv' | 'jsonl',
): AsyncGenerator<readonly ReadLine[]> {
  const reader = new RecordReader();
  const read: Form = form === 'csv' ? csv() : jsonLine;
  let lines = 0;
  const taken = (records: Iterable<RawRecord>): ReadLine[] => {
    const found: ReadLine[] = [];
    for (const record of records) {
      const line = read(record, reader);
      if (!line) continue;
      lines += 1;
      if (lines > MOST_LINES)
        throw new Refused(413, 'TOO_MANY_LINES', `An import has at most ${MOST_LINES} lines; begin another one.`);
      found.push(line);
    }
    return found;
  };
  for await (const chunk of body) yield taken(reader.push(chunk));
  yield taken(reader.end());
}

function csv(): Form {
  let columns: readonly string[] | undefined;
  let header = '';
  let delimiter: ',' | ';' = ',';
  return (record, reader) => {
    if (!columns) {
      if ('problem' in record) throw badInput('header', PROBLEMS[record.problem]);
      header = record.text;
      delimiter = delimiterOf(header);
      columns = columnsOf(cellsOf(header, delimiter));
      reader.delimiter = delimiter.charCodeAt(0);
      return undefined;
    }
    if ('problem' in record) return wrong(record.line, header, broken(record));
    // The header belongs to what every line says.
    const content = `${header}\n${record.text}`;
    const cells = cellsOf(record.text, delimiter);
    if (!cells) return wrong(record.line, content, reason('INVALID', 'A quote stands where none can.'));
    if (cells.length !== columns.length) {
      const message = `This line has ${cells.length} cells, the header ${columns.length}.`;
      return wrong(record.line, content, reason('INVALID', message));
    }
    return { line: record.line, content, given: fieldsOfCells(columns, cells) };
  };
}

function columnsOf(cells: readonly string[] | undefined): readonly string[] {
  const columns = (cells ?? []).map((cell) => unprotectCell(cell).trim());
  for (const [index, column] of columns.entries()) {
    if (columns.indexOf(column) < index) throw badInput('header', `names ${column} twice.`);
    if (!TEXTS.some((each) => each === column) && column !== 'extras' && !PASSED_OVER.has(column))
      throw badInput('header', `has an unknown column ${JSON.stringify(column.slice(0, 40))}.`);
  }
  if (!columns.includes('number')) throw badInput('header', 'has no column number.');
  return columns;
}

/** An empty cell says nothing: there is no telling whether it is to remove what a number has. */
function fieldsOfCells(columns: readonly string[], cells: readonly string[]): ReadLine['given'] {
  const fields: Record<string, unknown> = {};
  for (const [index, column] of columns.entries()) {
    const value = unprotectCell(cells[index] ?? '');
    if (value === '' || PASSED_OVER.has(column)) continue;
    if (column !== 'extras') fields[column] = value;
    else {
      const extras = parseJson(value);
      if (extras === undefined) return { problem: reason('INVALID', 'This is no JSON.', 'extras') };
      fields['extras'] = extras;
    }
  }
  return fieldsOf(fields);
}

function jsonLine(record: RawRecord): ReadLine {
  if ('problem' in record) return wrong(record.line, '', broken(record));
  const { line, text: content } = record;
  const value = parseJson(content);
  if (!isRecord(value)) return wrong(line, content, reason('INVALID', 'This line is no JSON object.'));
  const unknown = Object.keys(value).find(
    (name) => !TEXTS.some((each) => each === name) && name !== 'extras' && !PASSED_OVER.has(name),
  );
  if (unknown !== undefined)
    return wrong(line, content, reason('INVALID', 'There is no such field.', unknown.slice(0, 40)));
  return { line, content, given: fieldsOf(value) };
}

function fieldsOf(value: Readonly<Record<string, unknown>>): ReadLine['given'] {
  const fields: Record<string, unknown> = {};
  for (const name of TEXTS) {
    const text = value[name];
    if (text === undefined) continue;
    if (text !== null && typeof text !== 'string') return { problem: reason('INVALID', 'This must be a text.', name) };
    fields[name] = text;
  }
  const { extras } = value;
  if (extras === undefined || extras === null) return { fields: fields };
  const values = isRecord(extras) ? Object.entries(extras) : undefined;
  if (!values?.every((each): each is [string, string | null] => each[1] === null || typeof each[1] === 'string'))
    return { problem: reason('INVALID', 'This must be an object of texts.', 'extras') };
  return { fields: { ...fields, extras: values.map(([name, text]) => ({ name, value: text })) } };
}

function wrong(line: number, content: string, problem: Reason): ReadLine {
  return { line, content, given: { problem } };
}

function broken({ problem }: Extract<RawRecord, { problem: unknown }>): Reason {
  return reason(problem === 'TOO_LONG' ? 'OUT_OF_RANGE' : 'INVALID', PROBLEMS[problem]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
