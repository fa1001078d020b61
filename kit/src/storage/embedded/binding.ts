/** Which SQLite: Node's own from 22.13 on, where it needs no flag; before that a package with the same interface, prebuilt. */
import { createRequire } from 'node:module';
import type { DatabaseSyncInstance, StatementSyncInstance } from '@photostructure/sqlite';

export type Database = DatabaseSyncInstance;
export type Statement = StatementSyncInstance;

interface Binding {
  readonly DatabaseSync: new (location: string, options?: { readOnly?: boolean; timeout?: number }) => Database;
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

/** Name of the module in use, for the start-up log and the benchmarks. */
export const bindingName = major > 22 || (major === 22 && minor >= 13) ? 'node:sqlite' : '@photostructure/sqlite';

const binding = createRequire(import.meta.url)(bindingName) as Binding;

/** Open a database file, made when missing. `timeout` is how long a statement waits for another connection's lock, in milliseconds. */
export function openDatabase(file: string, options: { readOnly?: boolean; timeout?: number } = {}): Database {
  return new binding.DatabaseSync(file, options);
}
