/** The reading connection: its statements, prepared once, and snapshots of several of them. */
import type { Doc } from '../port.js';
import { type Database, openDatabase, type Statement } from './binding.js';

/** A document's columns. */
export interface StoredRow {
  readonly version: number;
  readonly doc: string;
}

/** The document of a row. Its version is not part of the JSON, because only the writer knows it. */
export function readDocument({ version, doc }: StoredRow): Doc {
  return Object.assign(JSON.parse(doc) as { id: string }, { version });
}

/** Most prepared statements kept; beyond it the one unused longest goes. */
const KEPT = 500;

export class Reader {
  readonly connection: Database;
  readonly #statements = new Map<string, Statement>();

  constructor(file: string) {
    // Not opened read-only: the last connection of a WAL file cleans up behind a killed writer.
    this.connection = openDatabase(file, { timeout: 5_000 });
    this.connection.exec('PRAGMA query_only = true; PRAGMA cache_size = -32000');
  }

  statement(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known) {
      this.#statements.delete(sql);
      this.#statements.set(sql, known);
      return known;
    }
    const statement = this.connection.prepare(sql);
    this.#statements.set(sql, statement);
    const [oldest] = this.#statements.keys();
    if (this.#statements.size > KEPT && oldest !== undefined) this.#statements.delete(oldest);
    return statement;
  }

  /** Run several reads on one state of the database. `read` must not await. */
  snapshot<T>(read: () => T): T {
    this.connection.exec('BEGIN');
    try {
      return read();
    } finally {
      this.connection.exec('COMMIT');
    }
  }

  close(): void {
    this.#statements.clear();
    this.connection.close();
  }
}
