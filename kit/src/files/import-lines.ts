/** The lines of an upload, CSV or JSON lines, as the fields each gives. */
import { badInput } from '../graph/errors.js';
import type { Refusal } from '../graph/refusal.js';
import { Refused } from '../service/message.js';
import { cellsOf, delimiterOf } from './csv-cells.js';
import { RecordReader, type RawRecord } from './record-reader.js';
import { unprotectCell } from './spreadsheet.js';

export const MOST_LINES = 1_000_000;

/** What a field holds: a text, a whole number, or an object of texts, which a cell of CSV holds as JSON. */
export type FieldType = 'TEXT' | 'WHOLE_NUMBER' | 'TEXTS';
type FieldTypes = Readonly<Record<string, FieldType>>;

/** What a line may give. In CSV the names are those of the columns, in JSON lines those of an object's members. */
export interface Columns<Types extends FieldTypes = FieldTypes> {
  readonly taken: Types;
  /** A header without one of these is refused. */
  readonly required: readonly string[];
  /** What else may stand there and means nothing, e.g. because an export tells it. */
  readonly passedOver: ReadonlySet<string>;
}

interface ValueOf {
  readonly TEXT: string;
  readonly WHOLE_NUMBER: number;
  readonly TEXTS: Readonly<Record<string, string | null>>;
}

/** What a line gives; an empty cell gives nothing, null is given in JSON lines only. */
export type FieldsOf<Types extends FieldTypes> = { readonly [Name in keyof Types]?: ValueOf[Types[Name]] | null };

/** A line as it was read. */
export interface ImportLine<Fields> {
  readonly line: number;
  /** All of it, to tell one content from another. */
  readonly content: string;
  readonly given: { readonly fields: Fields } | { readonly problem: Refusal };
}

export type ImportForm = 'csv' | 'jsonl';

type Broken = Extract<RawRecord, { problem: unknown }>;
const PROBLEMS: Readonly<Record<Broken['problem'], string>> = {
  TOO_LONG:
    'This line is longer than 64 KB, or a quote in it is not closed; what follows up to the next line end is passed over.',
  NOT_UTF8: 'This line holds bytes that are no UTF-8.',
  QUOTE_OPEN: 'A quote in this line is not closed.',
};

/** How the records of an upload are read: given to each in turn; undefined for one that holds no line, as a header. */
type Read<Fields> = (record: RawRecord, reader: RecordReader) => ImportLine<Fields> | undefined;

/** @throws GraphQLError BAD_USER_INPUT for a header that does not fit, Refused 413 for too many lines */
export async function* readImportLines<Types extends FieldTypes>(
  body: AsyncIterable<Uint8Array>,
  form: ImportForm,
  columns: Columns<Types>,
): AsyncGenerator<readonly ImportLine<FieldsOf<Types>>[]> {
  const reader = new RecordReader();
  const read = form === 'csv' ? csvLines(columns) : (record: RawRecord) => jsonLine(record, columns);
  let lines = 0;
  const taken = (records: Iterable<RawRecord>) => {
    const found: ImportLine<FieldsOf<Types>>[] = [];
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

function csvLines<Types extends FieldTypes>(columns: Columns<Types>): Read<FieldsOf<Types>> {
  let names: readonly string[] | undefined;
  let header = '';
  let delimiter: ',' | ';' = ',';
  return (record, reader) => {
    if (!names) {
      if ('problem' in record) throw badInput('header', PROBLEMS[record.problem]);
      header = record.text;
      delimiter = delimiterOf(header);
      names = namesOf(cellsOf(header, delimiter), columns);
      reader.delimiter = delimiter.charCodeAt(0);
      return undefined;
    }
    if ('problem' in record) return wrong(record.line, header, broken(record));
    // The header belongs to what every line says.
    const content = `${header}\n${record.text}`;
    const cells = cellsOf(record.text, delimiter);
    if (!cells) return wrong(record.line, content, invalid('A quote stands where none can.'));
    if (cells.length !== names.length) {
      const message = `This line has ${cells.length} cells, the header ${names.length}.`;
      return wrong(record.line, content, invalid(message));
    }
    return { line: record.line, content, given: fieldsOfCells(names, cells, columns) };
  };
}

function namesOf(cells: readonly string[] | undefined, { taken, required, passedOver }: Columns): readonly string[] {
  const names = (cells ?? []).map((cell) => unprotectCell(cell).trim());
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index) throw badInput('header', `names ${name.slice(0, 40)} twice.`);
    if (!Object.hasOwn(taken, name) && !passedOver.has(name))
      throw badInput('header', `has an unknown column ${JSON.stringify(name.slice(0, 40))}.`);
  }
  for (const name of required) if (!names.includes(name)) throw badInput('header', `has no column ${name}.`);
  return names;
}

/** An empty cell says nothing: there is no telling whether it is to remove what is there. */
function fieldsOfCells<Types extends FieldTypes>(
  names: readonly string[],
  cells: readonly string[],
  columns: Columns<Types>,
): ImportLine<FieldsOf<Types>>['given'] {
  const fields: Record<string, unknown> = {};
  for (const [index, name] of names.entries()) {
    const cell = unprotectCell(cells[index] ?? '');
    if (cell === '' || columns.passedOver.has(name)) continue;
    const value = ofCell(cell, columns.taken[name]);
    if (value === undefined) return { problem: invalid('This is no JSON.', name) };
    fields[name] = value;
  }
  return checked(fields, columns);
}

function ofCell(cell: string, type: FieldType | undefined): unknown {
  if (type === 'TEXTS') return parseJson(cell);
  return type === 'WHOLE_NUMBER' && /^[+-]?\d{1,15}$/.test(cell.trim()) ? Number(cell) : cell;
}

function jsonLine<Types extends FieldTypes>(record: RawRecord, columns: Columns<Types>): ImportLine<FieldsOf<Types>> {
  if ('problem' in record) return wrong(record.line, '', broken(record));
  const { line, text: content } = record;
  const value = parseJson(content);
  if (!isRecord(value)) return wrong(line, content, invalid('This line is no JSON object.'));
  const unknown = Object.keys(value).find(
    (name) => !Object.hasOwn(columns.taken, name) && !columns.passedOver.has(name),
  );
  if (unknown !== undefined) return wrong(line, content, invalid('There is no such field.', unknown.slice(0, 40)));
  return { line, content, given: checked(value, columns) };
}

/** The fields that are taken, when each is of its type. */
function checked<Types extends FieldTypes>(
  value: Readonly<Record<string, unknown>>,
  { taken }: Columns<Types>,
): ImportLine<FieldsOf<Types>>['given'] {
  const fields: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(taken)) {
    const each = Object.hasOwn(value, name) ? value[name] : undefined;
    if (each === undefined) continue;
    if (each !== null && !FITS[type](each)) return { problem: invalid(MUST_BE[type], name) };
    fields[name] = each;
  }
  return { fields: fields as FieldsOf<Types> };
}

const FITS: Readonly<Record<FieldType, (value: unknown) => boolean>> = {
  TEXT: (value) => typeof value === 'string',
  WHOLE_NUMBER: (value) => Number.isSafeInteger(value),
  TEXTS: (value) => isRecord(value) && Object.values(value).every((each) => each === null || typeof each === 'string'),
};
const MUST_BE: Readonly<Record<FieldType, string>> = {
  TEXT: 'This must be a text.',
  WHOLE_NUMBER: 'This must be a whole number.',
  TEXTS: 'This must be an object of texts.',
};

function wrong<Fields>(line: number, content: string, problem: Refusal): ImportLine<Fields> {
  return { line, content, given: { problem } };
}

function broken({ problem }: Broken): Refusal {
  return { code: problem === 'TOO_LONG' ? 'OUT_OF_RANGE' : 'INVALID', message: PROBLEMS[problem] };
}

function invalid(message: string, field?: string): Refusal {
  return { code: 'INVALID', message, ...(field !== undefined && { field }) };
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
