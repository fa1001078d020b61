/** An image of an embedded store: one read transaction, beside a running server or without one. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoggedEvent } from '../../log/event.js';
import {
  type Batch,
  BATCH_ROWS,
  BATCH_SIZE,
  isCopied,
  type Part,
  type RequestRow,
  type Row,
  type RowKey,
  type Start,
  type StoreFacts,
  type StoreImage,
} from '../copy/image.js';
import { refuseUnfinished, UNFINISHED } from '../copy/mark.js';
import { type KeyValue, StoreError } from '../port.js';
import { type Database, openDatabase } from './binding.js';
import { docTable, FORMAT, removedFact } from './layout.js';
import { Meta } from './meta.js';
import { readDocument } from './reader.js';

/**
 * Open the image of a store that was in use before. Takes no lock: a server may be running, and what it commits from now on is not part of the image.
 * @throws StoreError UNAVAILABLE when there is no such store, INVALID when it is half a copy
 */
export async function openEmbeddedImage(folder: string, name: string): Promise<StoreImage> {
  const file = join(folder, `${name}.sqlite`);
  if (!(await stat(file).catch(() => undefined))?.isFile()) {
    throw new StoreError('UNAVAILABLE', `There is no database ${file}.`);
  }
  const db = openDatabase(file, { timeout: 5_000 });
  try {
    db.exec('PRAGMA query_only = true; BEGIN');
    const meta = new Meta(db);
    const format = meta.get('format');
    if (format !== FORMAT) {
      throw new StoreError('UNAVAILABLE', `${file} is of storage format ${format}; this program knows ${FORMAT}.`);
    }
    refuseUnfinished(file, meta.get(UNFINISHED));
    return new EmbeddedImage(name, db, meta, () => {
      // Closing alone waits for the statements to be collected, and until then the writer cannot fold its log.
      db.exec('COMMIT');
      db.close();
    });
  } catch (error) {
    db.close();
    throw error instanceof StoreError
      ? error
      : new StoreError('UNAVAILABLE', `${file} cannot be read: ${messageOf(error)}.`, { cause: error });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export class EmbeddedImage implements StoreImage {
  readonly name: string;
  readonly #db: Database;
  readonly #meta: Meta;
  readonly #close: () => void;

  /** @param db whose state does not change while the image is read */
  constructor(name: string, db: Database, meta: Meta, close: () => void) {
    this.name = name;
    this.#db = db;
    this.#meta = meta;
    this.#close = close;
  }

  async facts(): Promise<StoreFacts> {
    const { epoch, head, floors } = this.#meta.logState();
    const removed = this.#collections().map((collection): [string, number] => {
      const known = Number(this.#meta.get(removedFact(collection)) ?? 0);
      return [collection, isCopied(collection) ? known : Math.max(known, this.#highestVersion(collection))];
    });
    return { epoch, head, floors, removed: Object.fromEntries(removed.filter(([, version]) => version > 0)) };
  }

  async *batches(start: (part: Part) => Promise<Start> | Start = () => undefined): AsyncIterable<Batch> {
    const documents = this.#collections()
      .filter(isCopied)
      .map((collection): Part => ({ kind: 'documents', collection }));
    for (const part of [...documents, { kind: 'log' } as const, { kind: 'requests' } as const]) {
      const from = await start(part);
      if (from === 'SKIP') yield { part, rows: [] };
      else yield* this.#batchesOf(part, from?.after);
    }
  }

  async close(): Promise<void> {
    this.#close();
  }

  /** By pages rather than by one open statement, which would have to end before its connection. */
  *#batchesOf(part: Part, from: RowKey | undefined): Iterable<Batch> {
    const { sql, read } = reading(part);
    const statement = this.#db.prepare(sql);
    let after = from === undefined ? beforeFirst(part) : [from];
    let limit = FIRST_BATCH;
    for (;;) {
      const stored = statement.all(...after, limit) as Stored[];
      yield { part, rows: stored.map(read) };
      const last = stored.at(-1);
      if (stored.length < limit || !last) return;
      after = keyOf(part, last);
      const size = stored.reduce((sum, { json }) => sum + json.length, 0) / stored.length;
      limit = Math.max(1, Math.min(BATCH_ROWS, Math.floor(BATCH_SIZE / size)));
    }
  }

  #collections(): string[] {
    const tables = this.#db
      .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB ? ORDER BY name`)
      .all(docTable('*')) as { name: string }[];
    return tables.map(({ name }) => name.slice(docTable('').length));
  }

  #highestVersion(collection: string): number {
    const highest = this.#db.prepare(`SELECT max(version) AS version FROM ${docTable(collection)}`);
    return (highest.get() as { version: number | null }).version ?? 0;
  }
}

/** Rows of the first batch: how large they are is not known yet. */
const FIRST_BATCH = 50;

/** A row of any part, with the columns its part has. */
interface Stored extends Omit<RequestRow, 'result'> {
  readonly id: string;
  readonly version: number;
  readonly position: number;
  readonly json: string;
}

function reading(part: Part): { sql: string; read: (stored: Stored) => Row } {
  switch (part.kind) {
    case 'documents':
      return {
        sql: `SELECT id, version, doc AS json FROM ${docTable(part.collection)} WHERE id > ? ORDER BY id LIMIT ?`,
        read: ({ version, json }) => readDocument({ version, doc: json }),
      };
    case 'log':
      return {
        sql: `SELECT position, type, retention, entity, time, body AS json FROM log WHERE position > ? ORDER BY position LIMIT ?`,
        read: ({ json, ...event }) => Object.assign(JSON.parse(json) as LoggedEvent, event),
      };
    case 'requests':
      return {
        sql: `SELECT caller, mutation, key, hash, time, result AS json FROM requests
              WHERE (caller, mutation, key) > (?, ?, ?) ORDER BY caller, mutation, key LIMIT ?`,
        read: ({ json, ...request }): RequestRow => ({ ...request, result: JSON.parse(json) as unknown }),
      };
  }
}

/** Values that stand before those of every row: no id is empty, and positions begin at 1. */
function beforeFirst(part: Part): KeyValue[] {
  if (part.kind === 'log') return [0];
  return part.kind === 'documents' ? [''] : ['', '', ''];
}

function keyOf(part: Part, { id, position, caller, mutation, key }: Stored): KeyValue[] {
  if (part.kind === 'requests') return [caller, mutation, key];
  return [part.kind === 'log' ? position : id];
}
