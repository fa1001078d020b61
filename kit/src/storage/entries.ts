/** Key entries and counter groups of a document: one mechanism for partial, multi-valued and unique keys. */
import type { CounterSpec, KeySpec } from './collection.js';
import { valueAt } from './paths.js';
import type { KeyValue } from './port.js';

export type Entry = readonly KeyValue[];

/**
 * The document's entries in one key: none when one of the paths is missing or null, one for each different element when a path holds
 * an array, else one. The values are taken to be checked, see {@link keyProblem}.
 */
export function entriesOf(doc: unknown, key: KeySpec): Entry[] {
  return combine(key.paths.map((path) => valueAt(doc, path)));
}

/** What the document counts for in one counter: `[group, ...values]` for each combination of elements. */
export function countedIn(doc: unknown, counter: CounterSpec): Entry[] {
  return combine([counter.at, ...counter.by].map((path) => valueAt(doc, path)));
}

function combine(columns: readonly unknown[]): Entry[] {
  let rows: KeyValue[][] = [[]];
  for (const column of columns) {
    if (column === undefined || column === null) return [];
    if (!Array.isArray(column)) {
      for (const row of rows) row.push(column as KeyValue);
      continue;
    }
    const elements = new Set<KeyValue>(column);
    elements.delete(null as unknown as KeyValue); // arrays come from JSON, where an element may be null whatever the type says
    if (elements.size === 0) return [];
    rows = rows.flatMap((row) => Array.from(elements, (element) => [...row, element]));
  }
  return rows;
}

/** Why a document cannot stand in the keys and counters of its collection, as `path: reason`; undefined when it can. */
export function keyProblem(
  doc: unknown,
  collection: { keys: Readonly<Record<string, KeySpec>>; counters: Readonly<Record<string, CounterSpec>> },
): string | undefined {
  for (const key of Object.values(collection.keys)) {
    let arrays = 0;
    for (const path of key.paths) {
      const value = valueAt(doc, path);
      if (!isKeyable(value)) return `${path}: a key holds strings and safe integers only`;
      if (Array.isArray(value) && ++arrays > 1) return `${path}: at most one path of a key may hold an array`;
    }
  }
  for (const counter of Object.values(collection.counters)) {
    for (const path of [counter.at, ...counter.by]) {
      if (!isKeyable(valueAt(doc, path))) return `${path}: a counter counts by strings and safe integers only`;
    }
  }
  return undefined;
}

function isKeyable(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((element) => !Array.isArray(element) && isKeyable(element));
  return value === undefined || value === null || typeof value === 'string' || Number.isSafeInteger(value);
}
