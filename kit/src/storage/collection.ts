/**
 * Declaring a collection: once, for every engine. The Mongoose schema gives types, defaults and validation at the edge; the keys say how
 * documents may be found and ordered; the counters what is counted without counting.
 */
import type { Schema } from 'mongoose';
import { type PathType, pathType } from './path-types.js';
import type { Doc } from './port.js';

/**
 * The paths a collection may be found and ordered by, in order: strings or numbers, as the schema says. At most one path may hold an array: the document
 * then has an entry for each element (e.g. for each hierarchy ancestor), and a find has to fix the path. A document that lacks one of the paths is absent
 * from the key, and so from its uniqueness.
 */
export interface KeySpec {
  readonly paths: readonly string[];
  readonly unique?: boolean;
}

/** Counts of documents by the values of `by`, at every element of the path `at` (usually the hierarchy ancestors). An array path in `by` counts each element. */
export interface CounterSpec {
  readonly at: string;
  readonly by: readonly string[];
}

export interface Collection<D extends Doc> {
  readonly name: string;
  readonly schema: Schema;
  readonly keys: Readonly<Record<string, KeySpec>>;
  /** What the paths of the keys hold. */
  readonly keyTypes: Readonly<Record<string, PathType>>;
  readonly counters: Readonly<Record<string, CounterSpec>>;
  /** Carries the document type; never set. */
  readonly type?: D;
}

/** Declare a collection. @throws Error when a name or path is unfit for a key on one of the engines. */
export function defineCollection<D extends Doc>(spec: {
  name: string;
  schema: Schema;
  keys?: Record<string, KeySpec>;
  counters?: Record<string, CounterSpec>;
}): Collection<D> {
  for (const part of [spec.name, ...Object.keys(spec.keys ?? {}), ...Object.keys(spec.counters ?? {})]) {
    if (!/^[a-z][A-Za-z0-9]{0,39}$/.test(part)) throw new Error(`collection ${spec.name}: ${part} is no fit name`);
  }
  const { name, schema, keys = {}, counters = {} } = spec;
  const keyTypes: Record<string, PathType> = {};
  for (const [keyName, { paths }] of Object.entries(keys)) {
    if (paths.length === 0) throw new Error(`collection ${name}: key ${keyName} has no paths`);
    for (const path of paths) {
      const type = pathType(schema, path);
      if (!type) throw new Error(`collection ${name}: key ${keyName}: ${path} holds neither strings nor numbers`);
      keyTypes[path] = type;
    }
    if (paths.filter((path) => keyTypes[path]?.inArray).length > 1)
      throw new Error(`collection ${name}: key ${keyName} has more than one path that may hold an array`);
  }
  return { name, schema, keys, keyTypes, counters };
}
