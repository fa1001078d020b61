/** One collection's tables, as the writer thread changes them. */
import { changesOf, entriesAround, type EntryChange } from '../changes.js';
import { pathsOfCounter } from '../entries.js';
import { Sums } from '../sums.js';
import type { Database, Statement } from './binding.js';
import { KeyEntries } from './key-entries.js';
import { columns, counterTable, docTable, keyTable, type Plan, removedFact } from './layout.js';
import type { Meta } from './meta.js';
import type { StoredRow } from './reader.js';

interface CounterTable {
  readonly paths: readonly string[];
  readonly move: Statement;
  readonly sums: Sums;
}

export class CollectionTables {
  readonly collection: string;
  readonly #keys: readonly KeyEntries[];
  /** Documents whose entries wait for {@link flush}. */
  readonly #waiting = new Set<string>();
  readonly #counters: readonly CounterTable[];
  readonly #version: Statement;
  readonly #row: Statement;
  readonly #insert: Statement;
  readonly #update: Statement;
  readonly #delete: Statement;
  readonly #meta: Meta;
  /** Highest version ever removed; undefined when it has to be read again. */
  #removed: number | undefined;
  #isRemovedChanged = false;

  constructor(db: Database, meta: Meta, plan: Plan) {
    this.#meta = meta;
    const table = docTable(plan.name);
    this.collection = plan.name;
    this.#version = db.prepare(`SELECT version FROM ${table} WHERE id = ?`);
    this.#row = db.prepare(`SELECT version, doc FROM ${table} WHERE id = ?`);
    this.#insert = db.prepare(`INSERT INTO ${table}(id, version, doc) VALUES (?, ?, ?)`);
    this.#update = db.prepare(`UPDATE ${table} SET version = ?, doc = ? WHERE id = ?`);
    this.#delete = db.prepare(`DELETE FROM ${table} WHERE id = ?`);
    this.#keys = Object.entries(plan.keys).map(
      ([name, spec]) => new KeyEntries(db, keyTable(plan.name, name), name, spec),
    );
    this.#counters = Object.entries(plan.counters).map(([name, spec]) => {
      const values = columns(spec.by.length + 1);
      return {
        paths: pathsOfCounter(spec),
        move: db.prepare(
          `INSERT INTO ${counterTable(plan.name, name)} VALUES (${values.map(() => '?').join(', ')}, ?)
           ON CONFLICT DO UPDATE SET count = count + excluded.count`,
        ),
        sums: new Sums(),
      };
    });
  }

  /** Version of the stored document, 0 when there is none. */
  version(id: string): number {
    const row = this.#version.get(id) as { version: number } | undefined;
    return row?.version ?? 0;
  }

  row(id: string): StoredRow | undefined {
    return this.#row.get(id) as StoredRow | undefined;
  }

  /** Version of a document that is made now: above all that were ever removed, so that none comes back for its id. */
  firstVersion(): number {
    return this.#highestRemoved() + 1;
  }

  insert(id: string, version: number, json: string): void {
    this.#insert.run(id, version, json);
  }

  update(id: string, version: number, json: string): void {
    this.#update.run(version, json, id);
  }

  /** @param version it is removed at */
  delete(id: string, version: number): void {
    this.#delete.run(id);
    if (version <= this.#highestRemoved()) return;
    this.#removed = version;
    this.#isRemovedChanged = true;
  }

  changes(before: unknown, after: unknown): EntryChange<KeyEntries>[] {
    return changesOf(this.#keys, before, after);
  }

  /** To be called before a document's entries are changed: those of a change before it have to be in place. */
  touch(id: string): void {
    if (this.#waiting.has(id)) this.#flushEntries();
    this.#waiting.add(id);
  }

  /** Note what a document's change does to the counters; {@link flush} writes it. */
  count(before: unknown, after: unknown): void {
    for (const { paths, sums } of this.#counters) {
      const [old, now] = entriesAround(paths, before, after);
      for (const values of old) sums.add(values, -1);
      for (const values of now) sums.add(values, 1);
    }
  }

  /** Write what the group's commits left to be written at once. */
  flush(): void {
    this.#flushEntries();
    if (this.#isRemovedChanged) this.#meta.set(removedFact(this.collection), this.#highestRemoved());
    this.#isRemovedChanged = false;
    for (const { move, sums } of this.#counters) {
      for (const { values, delta } of sums.all()) if (delta !== 0) move.run(...values, delta);
      sums.clear();
    }
  }

  /** The group failed: nothing of it is written. */
  forget(): void {
    this.#waiting.clear();
    this.#removed = undefined;
    this.#isRemovedChanged = false;
    for (const key of this.#keys) key.forget();
    for (const { sums } of this.#counters) sums.clear();
  }

  #highestRemoved(): number {
    return (this.#removed ??= Number(this.#meta.get(removedFact(this.collection)) ?? 0));
  }

  #flushEntries(): void {
    for (const key of this.#keys) key.flush();
    this.#waiting.clear();
  }
}
