/**
 * How a document stands in MongoDB: its fields as given, `id` as `_id`. What was given as JSON comes back equal.
 *
 * Two things stand differently. A field name the server could refuse or misread (one that holds `$`, `.`, `%` or NUL, or is `_id`) is escaped. And a path
 * of a key that is null or an empty array is left out and noted beside the fields, because an index takes both for a value: so a key's index holds
 * exactly the documents that have all of its paths, and says so with `$exists`, which the planner can prove of every query.
 */
import type { Collection } from '../collection.js';
import type { Doc } from '../port.js';
import { valueAt } from '../paths.js';

/** Paths of keys that the document has as null, and as an empty array. No escaped name begins like these. */
export const NULLS = '%null';
export const EMPTIES = '%none';

/** A document as it is stored. */
export type Stored = Readonly<Record<string, unknown>> & { readonly _id: string; readonly version: number };

type Fields = Record<string, unknown>;

/** Reads and makes the stored form of one collection's documents. */
export interface Codec {
  /** @param fields the document without its version; taken over, not copied */
  encode(fields: Fields, version: number): Stored;
  decode(stored: Readonly<Record<string, unknown>>): Doc;
}

export function codecOf({ keys }: Pick<Collection<Doc>, 'keys'>): Codec {
  const paths = [...new Set(Object.values(keys).flatMap((key) => key.paths))];
  return {
    encode({ id, ...fields }, version) {
      const nulls = paths.filter((path) => takeOut(fields, path, (value) => value === null));
      const empties = paths.filter((path) => takeOut(fields, path, isEmptyArray));
      const stored: Fields = { _id: id, version, ...(encodeNames(fields) as Fields) };
      if (nulls.length > 0) stored[NULLS] = nulls;
      if (empties.length > 0) stored[EMPTIES] = empties;
      return stored as Stored;
    },
    decode(stored) {
      const { _id, version, [NULLS]: nulls, [EMPTIES]: empties, ...encoded } = stored;
      const fields = decodeNames(encoded) as Fields;
      for (const path of (nulls ?? []) as string[]) putBack(fields, path, null);
      for (const path of (empties ?? []) as string[]) putBack(fields, path, []);
      return { id: _id as string, ...fields, version: version as number };
    },
  };
}

/** The path of a stored document at which the value of a document's path stands. */
export function storedPath(path: string): string {
  return path === 'id' ? '_id' : path.split('.').map(encodeName).join('.');
}

/** The same value with every field name fit for the server. */
export function encodeNames(value: unknown): unknown {
  return renamed(value, UNFIT, encodeName);
}

export function decodeNames(value: unknown): unknown {
  return renamed(value, ESCAPED, decodeName);
}

// eslint-disable-next-line no-control-regex
const UNFIT = /[$.%\u0000]|^_id$/;
const ESCAPED = /%/;

function encodeName(name: string): string {
  // eslint-disable-next-line no-control-regex
  return name === '_id' ? '%5Fid' : name.replaceAll(/[$.%\u0000]/g, (character) => hexOf(character));
}

const hexOf = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

const decodeName = (name: string) =>
  name.replaceAll(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** Most values have no such name and are answered as they are. */
function renamed(value: unknown, test: RegExp, rename: (name: string) => string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const elements = value.map((element) => renamed(element, test, rename));
    return elements.some((element, index) => element !== value[index]) ? elements : value;
  }
  let isChanged = false;
  const entries = Object.entries(value).map(([name, below]): [string, unknown] => {
    const entry: [string, unknown] = [test.test(name) ? rename(name) : name, renamed(below, test, rename)];
    isChanged ||= entry[0] !== name || entry[1] !== below;
    return entry;
  });
  // Not by assignment, which takes a field named __proto__ for something else.
  return isChanged ? Object.fromEntries(entries) : value;
}

const isEmptyArray = (value: unknown) => Array.isArray(value) && value.length === 0;

/** Remove a value from where its path leads to without passing an array; whether it was such a value. */
function takeOut(fields: Fields, path: string, isSuch: (value: unknown) => boolean): boolean {
  const [holder, name] = holderOf(fields, path);
  if (!holder || !Object.hasOwn(holder, name) || !isSuch(holder[name])) return false;
  delete holder[name];
  return true;
}

function putBack(fields: Fields, path: string, value: unknown): void {
  const [holder, name] = holderOf(fields, path);
  if (holder) holder[name] = value;
}

function holderOf(fields: Fields, path: string): [Fields | undefined, string] {
  const end = path.lastIndexOf('.');
  const holder = end < 0 ? fields : valueAt(fields, path.slice(0, end));
  const isObject = typeof holder === 'object' && holder !== null && !Array.isArray(holder);
  return [isObject ? (holder as Fields) : undefined, path.slice(end + 1)];
}
