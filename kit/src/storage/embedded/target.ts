/** Taking an image into an embedded store: documents and log as they are, keys and counters made of them at the end. */
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoggedEvent } from '../../log/event.js';
import type { Collection } from '../collection.js';
import { type Part, type RequestRow, type Row, type RowKey, type StoreFacts, type StoreImage } from '../copy/image.js';
import { type CopyMark, FINISHED, readMark, UNFINISHED } from '../copy/mark.js';
import type { StoreTarget, TargetState } from '../copy/target.js';
import type { Doc } from '../port.js';
import { type Database, openDatabase, rollBack } from './binding.js';
import { EmbeddedImage } from './image.js';
import { BASE_TABLES, createDocTable, docTable, fingerprintFact, type Plan, planOf, removedFact } from './layout.js';
import { lockStore } from './lock.js';
import { Meta } from './meta.js';
import { alignPlan } from './rebuild.js';
import { verifyTables } from './verify.js';

/**
 * Open a data folder's store to be copied into; it is locked until it is closed.
 * @throws StoreError LOCKED when another process uses it
 */
export async function openEmbeddedTarget(options: {
  folder: string;
  name: string;
  collections: readonly Collection<Doc>[];
}): Promise<StoreTarget> {
  const { folder, name, collections } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return new EmbeddedTarget(name, join(folder, `${name}.sqlite`), collections.map(planOf), lockStore(folder, name));
}

interface Opened {
  readonly db: Database;
  readonly meta: Meta;
}

class EmbeddedTarget implements StoreTarget {
  readonly name: string;
  readonly place: string;
  readonly #plans: readonly Plan[];
  readonly #unlock: () => void;
  #opened: Opened | undefined;

  constructor(name: string, file: string, plans: readonly Plan[], unlock: () => void) {
    this.name = name;
    this.place = file;
    this.#plans = plans;
    this.#unlock = unlock;
  }

  async state(): Promise<TargetState> {
    if (!(await stat(this.place).catch(() => undefined))) return { kind: 'EMPTY' };
    const { meta } = this.#open();
    const [mark, finished] = [meta.get(UNFINISHED), meta.get(FINISHED)];
    if (mark !== undefined) return { kind: 'UNFINISHED', mark: readMark(String(mark)) };
    if (finished !== undefined) return { kind: 'OCCUPIED', finished: readMark(String(finished)) };
    return (await this.#isEmpty()) ? { kind: 'EMPTY' } : { kind: 'OCCUPIED' };
  }

  async #isEmpty(): Promise<boolean> {
    const image = this.image();
    if ((await image.facts()).head > 0) return false;
    for await (const { rows } of image.batches()) if (rows.length > 0) return false;
    return true;
  }

  async begin(mark: CopyMark): Promise<void> {
    const { meta } = this.#open();
    this.#transaction(() => {
      meta.initialise(this.place);
      meta.set(UNFINISHED, JSON.stringify(mark));
    });
  }

  async last(part: Part): Promise<RowKey | undefined> {
    const { db } = this.#open();
    if (part.kind === 'requests') return undefined;
    if (part.kind === 'log') {
      const row = db.prepare('SELECT max(position) AS last FROM log').get() as { last: number | null };
      return row.last ?? undefined;
    }
    db.exec(createDocTable(part.collection));
    const row = db.prepare(`SELECT max(id) AS last FROM ${docTable(part.collection)}`).get() as { last: string | null };
    return row.last ?? undefined;
  }

  async write(part: Part, rows: readonly Row[]): Promise<void> {
    const { db } = this.#open();
    const { sql, values } = writing(part);
    this.#transaction(() => {
      if (part.kind === 'documents') this.#touch(part.collection);
      const statement = db.prepare(sql);
      for (const row of rows) statement.run(...values(row));
    });
  }

  async clear(part: Part): Promise<void> {
    const table = part.kind === 'documents' ? docTable(part.collection) : part.kind;
    this.#transaction(() => {
      if (part.kind === 'documents') this.#touch(part.collection);
      this.#open().db.exec(`DELETE FROM ${table}`);
    });
  }

  /** Its entries and counters no longer fit its documents. */
  #touch(collection: string): void {
    const { db } = this.#open();
    db.exec(createDocTable(collection));
    db.prepare('DELETE FROM meta WHERE name = ?').run(fingerprintFact(collection));
  }

  async align(told: (collection: string) => void): Promise<void> {
    const { db, meta } = this.#open();
    for (const plan of this.#plans) {
      this.#transaction(() => alignPlan(db, meta, plan));
      told(plan.name);
    }
  }

  async setFacts({ epoch, head, floors, removed }: StoreFacts): Promise<void> {
    const { meta } = this.#open();
    this.#transaction(() => {
      meta.set('epoch', epoch);
      meta.set('head', head);
      meta.set('floor.history', floors.history);
      meta.set('floor.passing', floors.passing);
      for (const [collection, version] of Object.entries(removed)) meta.set(removedFact(collection), version);
    });
  }

  async check(): Promise<string[]> {
    const { db, meta } = this.#open();
    return verifyTables(db, meta, this.#plans);
  }

  image(): StoreImage {
    const { db, meta } = this.#open();
    return new EmbeddedImage(this.name, db, meta, () => {});
  }

  async finish(mark: CopyMark): Promise<void> {
    const { db, meta } = this.#open();
    // Everything before went into the same write-ahead log, which this commit syncs.
    db.exec('PRAGMA synchronous = FULL');
    this.#transaction(() => {
      meta.set(FINISHED, JSON.stringify(mark));
      db.prepare('DELETE FROM meta WHERE name = ?').run(UNFINISHED);
    });
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  async close(): Promise<void> {
    this.#opened?.db.close();
    this.#opened = undefined;
    this.#unlock();
  }

  #open(): Opened {
    if (this.#opened) return this.#opened;
    const db = openDatabase(this.place, { timeout: 5_000 });
    db.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -64000; PRAGMA temp_store = FILE',
    );
    db.exec(BASE_TABLES);
    return (this.#opened = { db, meta: new Meta(db) });
  }

  #transaction(work: () => void): void {
    const { db } = this.#open();
    db.exec('BEGIN IMMEDIATE');
    try {
      work();
      db.exec('COMMIT');
    } catch (error) {
      rollBack(db);
      throw error;
    }
  }
}

function writing(part: Part): { sql: string; values: (row: Row) => (string | number)[] } {
  switch (part.kind) {
    case 'documents':
      return {
        sql: `INSERT OR REPLACE INTO ${docTable(part.collection)}(id, version, doc) VALUES (?, ?, ?)`,
        values: (row) => {
          const { version, ...doc } = row as Doc;
          return [doc.id, version, JSON.stringify(doc)];
        },
      };
    case 'log':
      return {
        sql: 'INSERT OR REPLACE INTO log(position, type, retention, entity, time, body) VALUES (?, ?, ?, ?, ?, ?)',
        values: (row) => {
          const { position, type, retention, entity, time, ...body } = row as LoggedEvent;
          return [position, type, retention, entity, time, JSON.stringify(body)];
        },
      };
    case 'requests':
      return {
        sql: 'INSERT OR REPLACE INTO requests(caller, mutation, key, hash, result, time) VALUES (?, ?, ?, ?, ?, ?)',
        values: (row) => {
          const { caller, mutation, key, hash, result, time } = row as RequestRow;
          return [caller, mutation, key, hash, JSON.stringify(result ?? null), time];
        },
      };
  }
}
