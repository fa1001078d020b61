/** Which SQLite: Node's own from 22.13 on, where it needs no flag; before that a package with the same interface, prebuilt. */
import { createRequire } from 'node:module';
import type { DatabaseSyncInstance, StatementSyncInstance } from '@photostructure/sqlite';

export type Database = DatabaseSyncInstance;
export type Statement = StatementSyncInstance;

interface Binding {
  readonly DatabaseSync: new (location: string) => Database;
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

/** Name of the module in use, for the start-up log and the benchmarks. */
export const bindingName = major > 22 || (major === 22 && minor >= 13) ? 'node:sqlite' : '@photostructure/sqlite';

const binding = createRequire(import.meta.url)(bindingName) as Binding;

/** Open a database file, made when missing. `timeout` is how long a statement waits for another connection's lock, in milliseconds. */
export function openDatabase(file: string, options: { timeout?: number } = {}): Database {
  const db = new binding.DatabaseSync(file);
  // Not by an option of the constructor, which Node knows from 22.16 on only.
  if (options.timeout !== undefined) db.exec(`PRAGMA busy_timeout = ${options.timeout}`);
  return db;
}

/** Undo the open transaction. After some errors, a full disk for one, SQLite has done it already. */
export function rollBack(db: Database): void {
  try {
    db.exec('ROLLBACK');
  } catch (error) {
    // Whether one is open could be asked beforehand, but Node answers that from 22.16 on only.
    if (!(error instanceof Error && error.message.includes('no transaction is active'))) throw error;
  }
}

/** SQLite's code for no room to write to. */
const SQLITE_FULL = 13;

/** Whether an error says that there was no room to write to: then nothing of the transaction is on the disk. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_FULL;
}
