/** The entries of one key, as the writer thread changes them. */
import type { KeySpec } from '../collection.js';
import { type Entry, pathsOfKey } from '../entries.js';
import type { Database, Statement } from './binding.js';
import { columns } from './layout.js';

/**
 * Entries of a unique key are written at once, because the next commit of the group is judged by them. Those of any other key gather until
 * {@link flush}: sorted and in one statement they cost a good third less than one by one.
 */
export class KeyEntries {
  readonly name: string;
  readonly unique: boolean;
  readonly paths: readonly string[];
  readonly #insert: Statement;
  readonly #remove: Statement;
  readonly #insertAll: Statement;
  readonly #removeAll: Statement;
  readonly #holder: Statement;
  #added: Entry[] = [];
  #removed: Entry[] = [];

  constructor(db: Database, table: string, name: string, spec: KeySpec) {
    const values = columns(spec.paths.length);
    const all = [...values, 'id'];
    const equal = (names: readonly string[]) => names.map((column) => `${column} = ?`).join(' AND ');
    const rows = `SELECT ${all.map((_, index) => `value ->> ${index}`).join(', ')} FROM json_each(?)`;
    this.name = name;
    this.unique = spec.unique ?? false;
    this.paths = pathsOfKey(spec);
    this.#insert = db.prepare(`INSERT INTO ${table} VALUES (${all.map(() => '?').join(', ')})`);
    this.#remove = db.prepare(`DELETE FROM ${table} WHERE ${equal(all)}`);
    this.#insertAll = db.prepare(
      `INSERT INTO ${table} ${rows} ORDER BY ${all.map((_, index) => index + 1).join(', ')}`,
    );
    this.#removeAll = db.prepare(`DELETE FROM ${table} WHERE (${all.join(', ')}) IN (${rows})`);
    this.#holder = db.prepare(`SELECT id FROM ${table} WHERE ${equal(values)} LIMIT 1`);
  }

  /** Id of the document that holds these values of a unique key. */
  holder(values: Entry): string | undefined {
    return (this.#holder.get(...values) as { id: string } | undefined)?.id;
  }

  add(values: Entry, id: string): void {
    if (this.unique) this.#insert.run(...values, id);
    else this.#added.push([...values, id]);
  }

  remove(values: Entry, id: string): void {
    if (this.unique) this.#remove.run(...values, id);
    else this.#removed.push([...values, id]);
  }

  flush(): void {
    if (this.#removed.length > 0) this.#removeAll.run(JSON.stringify(this.#removed));
    if (this.#added.length > 0) this.#insertAll.run(JSON.stringify(this.#added));
    this.forget();
  }

  forget(): void {
    this.#added = [];
    this.#removed = [];
  }
}
