/** The few facts a database knows about itself, and who may change them. */
import { randomBytes } from 'node:crypto';
import type { LogState } from '../../log/event.js';
import { StoreError } from '../port.js';
import type { Database, Statement } from './binding.js';
import { FORMAT } from './layout.js';

/** Reads and writes of the `meta` table over one connection. */
export class Meta {
  readonly #get: Statement;
  readonly #all: Statement;
  #set: Statement | undefined;
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
    this.#get = db.prepare('SELECT value FROM meta WHERE name = ?');
    this.#all = db.prepare(
      "SELECT name, value FROM meta WHERE name IN ('epoch', 'head', 'floor.history', 'floor.passing')",
    );
  }

  get(name: string): string | number | undefined {
    return (this.#get.get(name) as { value: string | number } | undefined)?.value;
  }

  set(name: string, value: string | number): void {
    this.#set ??= this.#db.prepare(
      'INSERT INTO meta(name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
    );
    this.#set.run(name, value);
  }

  /** One statement and so one snapshot. */
  logState(): LogState {
    const rows = this.#all.all() as { name: string; value: string | number }[];
    const values = new Map(rows.map(({ name, value }) => [name, value]));
    return {
      epoch: String(values.get('epoch')),
      head: Number(values.get('head')),
      floors: { history: Number(values.get('floor.history')), passing: Number(values.get('floor.passing')) },
    };
  }

  /** Mint what a new database needs; refuse one of another format. To be called inside a transaction. */
  initialise(file: string): void {
    const format = this.get('format');
    if (format === undefined) {
      this.set('format', FORMAT);
      this.set('epoch', randomBytes(9).toString('base64url'));
      for (const name of ['head', 'floor.history', 'floor.passing']) this.set(name, 0);
    } else if (format !== FORMAT) {
      throw new StoreError(
        'UNAVAILABLE',
        `${file} is of storage format ${format}; this program knows format ${FORMAT}.`,
      );
    }
  }
}
