/** A declared key as an index of MongoDB. */
import type { Collection, KeySpec } from '../collection.js';
import type { Doc } from '../port.js';
import { storedPath } from './documents.js';

export interface KeyIndex {
  readonly name: string;
  /** The key's paths in order, for a key that is not unique followed by `_id`. */
  readonly keys: Readonly<Record<string, 1>>;
  readonly unique: boolean;
  /** Of the documents that have all paths: a document that lacks one is absent from the key. A query has to say of every path that it exists, or more. */
  readonly partialFilterExpression: Readonly<Record<string, { readonly $exists: true }>>;
}

/** What the names of our indexes on declared collections begin with; no other index is touched. */
export const INDEX_PREFIX = 'key_';

export const indexName = (key: string) => `${INDEX_PREFIX}${key}`;

export function indexOf(name: string, { paths, unique = false }: KeySpec): KeyIndex {
  const stored = paths.map(storedPath);
  const all = unique ? stored : [...stored, '_id'];
  return {
    name: indexName(name),
    keys: Object.fromEntries(all.map((path) => [path, 1] as const)),
    unique,
    partialFilterExpression: Object.fromEntries(stored.map((path) => [path, { $exists: true }] as const)),
  };
}

/** One index per declared key. */
export function indexesOf({ keys }: Pick<Collection<Doc>, 'keys'>): KeyIndex[] {
  return Object.entries(keys).map(([name, key]) => indexOf(name, key));
}
