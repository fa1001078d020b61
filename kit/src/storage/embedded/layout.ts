/** Tables of the embedded engine and the statements that make them. */
import { createHash } from 'node:crypto';
import type { Collection, CounterSpec, KeySpec } from '../collection.js';
import type { Doc } from '../port.js';

/** Of the layout in the file; another one is refused. */
export const FORMAT = 1;

/** What of a collection the writer thread needs: plain data, so that it can be sent there. */
export interface Plan {
  readonly name: string;
  readonly keys: Readonly<Record<string, KeySpec>>;
  readonly counters: Readonly<Record<string, CounterSpec>>;
}

export function planOf({ name, keys, counters }: Collection<Doc>): Plan {
  return { name, keys, counters };
}

/** Equal as long as entries and counters need no rebuilding. */
export function fingerprint(plan: Plan): string {
  return createHash('sha256')
    .update(JSON.stringify([plan.keys, plan.counters]))
    .digest('base64url');
}

/** Name of the fact that holds the fingerprint a collection's entries and counters were made for. */
export const fingerprintFact = (collection: string) => `keys.${collection}`;

/** Name of the fact that holds the highest version ever removed from a collection. */
export const removedFact = (collection: string) => `removed.${collection}`;

export const docTable = (collection: string) => `c_${collection}`;
export const keyTable = (collection: string, key: string) => `k_${collection}_${key}`;
export const counterTable = (collection: string, counter: string) => `n_${collection}_${counter}`;

/** Names of `count` value columns, e.g. `v0, v1`. */
export const columns = (count: number) => Array.from({ length: count }, (_, index) => `v${index}`);

/**
 * Tables that every database has. `meta` holds epoch, head, floors, format, and of each collection its fingerprint and the highest version removed. The
 * time comes last in the index of histories: it only answers, without reading the event, whether it was before another.
 */
export const BASE_TABLES = `
  CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS log(
    position INTEGER PRIMARY KEY, type TEXT NOT NULL, retention TEXT NOT NULL, entity TEXT NOT NULL, time TEXT NOT NULL,
    body TEXT NOT NULL, "group" TEXT);
  CREATE INDEX IF NOT EXISTS log_history ON log(entity, position, time);
  DROP INDEX IF EXISTS log_entity;
  CREATE INDEX IF NOT EXISTS log_passing ON log(position) WHERE retention = 'passing';
  CREATE TABLE IF NOT EXISTS requests(
    caller TEXT, mutation TEXT, key TEXT, hash TEXT NOT NULL, result TEXT NOT NULL, time TEXT NOT NULL,
    PRIMARY KEY (caller, mutation, key)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS requests_time ON requests(time);
`;

export function createDocTable(collection: string): string {
  return `CREATE TABLE IF NOT EXISTS ${docTable(collection)}(id TEXT PRIMARY KEY, version INTEGER NOT NULL, doc TEXT NOT NULL)`;
}

/** Value columns have no declared type: with one SQLite would turn the string '0049' into a number or a number into a string. */
export function createEntryTables(plan: Plan): string[] {
  const keys = Object.entries(plan.keys).map(([name, key]) => {
    const values = columns(key.paths.length).join(', ');
    const primary = key.unique ? values : `${values}, id`;
    return `CREATE TABLE ${keyTable(plan.name, name)}(${values}, id TEXT NOT NULL, PRIMARY KEY (${primary})) WITHOUT ROWID`;
  });
  const counters = Object.entries(plan.counters).map(([name, counter]) => {
    const values = columns(counter.by.length + 1).join(', ');
    return `CREATE TABLE ${counterTable(plan.name, name)}(${values}, count INTEGER NOT NULL, PRIMARY KEY (${values})) WITHOUT ROWID`;
  });
  return [...keys, ...counters];
}
