/** The raw SQLite binding, writing what the embedded engine writes for the same documents: the peer the engine is measured against. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { openDatabase } from '@numberyard/kit/storage/embedded/binding';

/** Shape of one document's rows: an inventory number has about six keys, four of them with an entry for each of four ancestors. */
export interface RawShape {
  /** Characters of a document's JSON. */
  readonly documentSize: number;
  /** Entry tables, and rows a document has in each. */
  readonly entries: readonly number[];
  /** Characters of the JSON of the document's event; 0: no event. */
  readonly eventSize: number;
}

export const NUMBER_SHAPE: RawShape = { documentSize: 600, entries: [1, 1, 4, 4, 4, 4], eventSize: 250 };

export interface RawSpeed {
  readonly docsPerSecond: number;
  readonly documents: number;
  readonly seconds: number;
}

/**
 * Insert documents with their entries and events by prepared statements, in transactions of a few hundred with full sync, on the calling
 * thread: no versions, conflicts, counters or JSON. The file is removed afterwards.
 * @param options.scattered keys come in no order, which costs several times more than in order
 */
export async function rawWriteSpeed(
  folder: string,
  options: { documents?: number; perTransaction?: number; shape?: RawShape; scattered?: boolean } = {},
): Promise<RawSpeed> {
  const { documents = 20_000, perTransaction = 400, shape = NUMBER_SHAPE, scattered = false } = options;
  const numberAt = scattered ? scatter : inOrder;
  const file = join(folder, 'raw.sqlite');
  const db = openDatabase(file);
  try {
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    db.exec('PRAGMA cache_size = -32000; PRAGMA wal_autocheckpoint = 4000');
    db.exec('CREATE TABLE docs(id TEXT PRIMARY KEY, version INTEGER NOT NULL, doc TEXT NOT NULL)');
    db.exec('CREATE TABLE log(position INTEGER PRIMARY KEY, entity TEXT, body TEXT)');
    db.exec('CREATE INDEX log_entity ON log(entity, position)');
    const insert = db.prepare('INSERT INTO docs VALUES (?, ?, ?)');
    const append = db.prepare('INSERT INTO log VALUES (?, ?, ?)');
    const entries = shape.entries.map((rows, index) => {
      db.exec(`CREATE TABLE k${index}(v0, v1, v2, id TEXT, PRIMARY KEY (v0, v1, v2, id)) WITHOUT ROWID`);
      return { rows, insert: db.prepare(`INSERT INTO k${index} VALUES (?, ?, ?, ?)`) };
    });
    const doc = JSON.stringify({ filler: 'x'.repeat(shape.documentSize) });
    const event = JSON.stringify({ filler: 'x'.repeat(shape.eventSize) });
    const start = performance.now();
    for (let index = 0; index < documents; index += 1) {
      if (index % perTransaction === 0) db.exec(index === 0 ? 'BEGIN IMMEDIATE' : 'COMMIT; BEGIN IMMEDIATE');
      const number = numberAt(index);
      const id = `customer-1:${number}`;
      insert.run(id, 1, doc);
      for (const { rows, insert: entry } of entries) {
        for (let row = 0; row < rows; row += 1) entry.run(`node-${row}`, 'AVAILABLE', number, id);
      }
      if (shape.eventSize > 0) append.run(index + 1, id, event);
      // Like the engine's, this loop lets the process breathe between transactions.
      if (index % perTransaction === perTransaction - 1) await new Promise((resolve) => setImmediate(resolve));
    }
    db.exec('COMMIT');
    const seconds = (performance.now() - start) / 1000;
    return { docsPerSecond: documents / seconds, documents, seconds };
  } finally {
    db.close();
    for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
  }
}

/** Telephone numbers as a device lists them, in ranges. */
function inOrder(index: number): string {
  return `+49${1_000_000_000 + index}`;
}

/** Telephone numbers in no order, the same ones every time: each row goes to another page. */
function scatter(index: number): string {
  return `+49${String((index * 2_654_435_761) % 4_294_967_296).padStart(10, '0')}`;
}
