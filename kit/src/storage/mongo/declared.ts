/** What the planner of a group needs to know of a declared collection, worked out once. */
import type { Collection } from '../collection.js';
import { pathsOfCounter } from '../entries.js';
import type { Doc } from '../port.js';
import { fingerprint } from './counters.js';
import { type Codec, codecOf, storedPath } from './documents.js';

export interface DeclaredKey {
  readonly name: string;
  readonly unique: boolean;
  readonly paths: readonly string[];
}

export interface DeclaredCounter {
  readonly name: string;
  /** Of the group, then of the values. */
  readonly paths: readonly string[];
}

export interface Declared {
  readonly name: string;
  readonly codec: Codec;
  readonly uniqueKeys: readonly DeclaredKey[];
  readonly counters: readonly DeclaredCounter[];
  /** Of the declaration of its counters. */
  readonly fingerprint: string;
  /** What has to be read of a document that is about to change. */
  readonly projection: Readonly<Record<string, 1>>;
}

export function declaredOf(collection: Collection<Doc>): Declared {
  const uniqueKeys = Object.entries(collection.keys).flatMap(([name, { paths, unique }]) =>
    unique ? [{ name, unique, paths }] : [],
  );
  const counters = Object.entries(collection.counters).map(([name, spec]) => ({ name, paths: pathsOfCounter(spec) }));
  const paths = [...uniqueKeys, ...counters].flatMap((part) => part.paths);
  return {
    name: collection.name,
    codec: codecOf(collection),
    uniqueKeys,
    counters,
    fingerprint: fingerprint(collection.counters),
    projection: projectionOf(paths),
  };
}

/** A path and one that leads on from it cannot both be asked for: the shorter one has it all. */
export function projectionOf(paths: readonly string[]): Record<string, 1> {
  const stored = ['version', ...paths.map(storedPath)];
  const least = stored.filter((path) => !stored.some((other) => path.startsWith(`${other}.`)));
  return Object.fromEntries(least.map((path) => [path, 1] as const));
}
