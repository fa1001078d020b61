/**
 * Declaring a collection: once, for every engine. The Mongoose schema gives types, defaults and validation at the edge; the keys say how
 * documents may be found and ordered; the counters what is counted without counting.
 */
import type { Schema } from 'mongoose';
import type { Doc } from './port.js';

/**
 * The paths a collection may be found and ordered by, in order. At most one path may hold an array: the document then has an entry for each
 * element (e.g. for each hierarchy ancestor). A document that lacks one of the paths is absent from the key, and so from its uniqueness.
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
  const names = [spec.name, ...Object.keys(spec.keys ?? {}), ...Object.keys(spec.counters ?? {})];
  for (const name of names) {
    if (!/^[a-z][A-Za-z0-9]{0,39}$/.test(name)) throw new Error(`collection ${spec.name}: ${name} is no fit name`);
  }
  for (const [name, key] of Object.entries(spec.keys ?? {})) {
    if (key.paths.length === 0) throw new Error(`collection ${spec.name}: key ${name} has no paths`);
  }
  return { name: spec.name, schema: spec.schema, keys: spec.keys ?? {}, counters: spec.counters ?? {} };
}
