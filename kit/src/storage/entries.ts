/** Key entries and counter groups of a document: one mechanism for partial, multi-valued and unique keys. */
import type { Collection, CounterSpec, KeySpec } from './collection.js';
import { valueAt } from './paths.js';
import type { PathType } from './path-types.js';
import type { Doc, KeyValue } from './port.js';

export type Entry = readonly KeyValue[];

/** What a document has at the paths of a key or counter, in their order. */
export type PathValues = readonly unknown[];

/** Paths a key reads. */
export const pathsOfKey = (key: KeySpec): readonly string[] => key.paths;

/** Paths a counter reads: its entries are `[group, ...values]`. */
export const pathsOfCounter = (counter: CounterSpec): readonly string[] => [counter.at, ...counter.by];

export function valuesAt(doc: unknown, paths: readonly string[]): PathValues {
  return paths.map((path) => valueAt(doc, path));
}

/** Whether two documents have the same at the paths, and so the same entries: most updates leave most keys alone. */
export function sameValues(a: PathValues, b: PathValues): boolean {
  return a.every((value, index) => {
    const other = b[index];
    if (!Array.isArray(value) || !Array.isArray(other)) return value === other;
    return value.length === other.length && value.every((element, at) => element === other[at]);
  });
}

/**
 * The entries that values make: none when one of them is missing or null, one for each different element of an array, else one. Values are
 * taken to be checked, see {@link keyProblem}.
 */
export function entriesOf(values: PathValues): Entry[] {
  let entries: KeyValue[][] = [[]];
  for (const value of values) {
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) entries = multiplied(entries, value);
    else for (const entry of entries) entry.push(value as KeyValue);
  }
  return entries;
}

function multiplied(entries: readonly KeyValue[][], elements: readonly unknown[]): KeyValue[][] {
  const product: KeyValue[][] = [];
  for (const element of new Set(elements)) {
    if (element === undefined || element === null) continue;
    for (const entry of entries) {
      const longer = entry.slice();
      longer.push(element as KeyValue);
      product.push(longer);
    }
  }
  return product;
}

/** Why a document cannot stand in the keys and counters of its collection, as `path: reason`; undefined when it can. */
export function keyProblem(
  doc: unknown,
  collection: Pick<Collection<Doc>, 'keyTypes' | 'counters'>,
): string | undefined {
  // Path by path, not key by key: most paths stand in several keys.
  for (const [path, type] of Object.entries(collection.keyTypes)) {
    const value = valueAt(doc, path);
    if (!isKeyable(value)) return `${path}: a key holds well-formed strings and safe integers only`;
    if (!isOfType(value, type)) return `${path}: the key holds what the schema says of the path only`;
  }
  for (const counter of Object.values(collection.counters)) {
    for (const path of [counter.at, ...counter.by]) {
      if (!isKeyable(valueAt(doc, path)))
        return `${path}: a counter counts by well-formed strings and safe integers only`;
    }
  }
  return undefined;
}

function isOfType(value: unknown, { of, inArray }: PathType): boolean {
  if (Array.isArray(value)) return inArray && value.every((element) => typeof element === of);
  return value === undefined || value === null || typeof value === of;
}

function isKeyable(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((element) => !Array.isArray(element) && isKeyable(element));
  return value === undefined || value === null || Number.isSafeInteger(value) || isStorable(value);
}

/** Whether it is a string that comes back from every engine as it went in: not one with half a surrogate pair or a NUL. */
export function isStorable(value: unknown): value is string {
  return typeof value === 'string' && !/\p{Surrogate}/u.test(value) && !value.includes('\u0000');
}
