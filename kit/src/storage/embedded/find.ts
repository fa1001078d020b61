/** Pages of a key: entries are walked in chunks, each on one snapshot; between them the event loop gets its turn. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Collection } from '../collection.js';
import { matches } from '../filter.js';
import { checkFind } from '../find-rules.js';
import {
  type Condition,
  type Doc,
  EXAMINE_LIMIT,
  type Find,
  type KeyValue,
  type Page,
  type PagePosition,
} from '../port.js';
import { columns, docTable, keyTable } from './layout.js';
import { readDocument, type Reader, type StoredRow } from './reader.js';
import { type Clause, clauseOf, coveredClause, type Stretch, stretches } from './scan.js';

/** Most entries walked in one chunk: some milliseconds. Where each one's document has to be read for the filter, fewer. */
const CHUNK = 2_000;
const CHUNK_OF_DOCUMENTS = 500;
/** Entries in the first chunk per document wanted, where a filter will drop some. */
const FILTER_FACTOR = 4;

type Row = Readonly<Record<string, KeyValue>>;

/** See {@link Find}. @throws StoreError INVALID */
export async function findPage(reader: Reader, collection: Collection<Doc>, find: Find): Promise<Page<Doc>> {
  const walk = new Walk(reader, collection, find);
  for (const stretch of stretches(find)) {
    for (;;) {
      if (walk.isOver) {
        if (walk.hasMore(stretch)) return walk.page(true);
        break;
      }
      if (walk.chunk(stretch)) break;
      await turn();
    }
  }
  return walk.page(false);
}

class Walk {
  readonly #reader: Reader;
  readonly #find: Find;
  readonly #names: readonly string[];
  readonly #table: string;
  readonly #docs: string;
  readonly #covered: Clause;
  readonly #residual: Readonly<Record<string, Condition>> | undefined;
  readonly #items: Doc[] = [];
  readonly #positions: PagePosition[] = [];
  #examined = 0;
  #chunkSize: number;
  readonly #chunkLimit: number;
  /** The last entry examined. */
  #last: PagePosition | undefined;

  constructor(reader: Reader, collection: Collection<Doc>, find: Find) {
    const key = checkFind(collection, find);
    const where = find.where ?? {};
    const covered = coveredClause(key, where, (path) => collection.keyTypes[path]?.inArray === false);
    const residual = Object.entries(where).filter(([path]) => !covered.paths.has(path));
    this.#reader = reader;
    this.#find = find;
    this.#names = [...columns(key.paths.length), 'id'];
    this.#table = keyTable(collection.name, find.key);
    this.#docs = `SELECT version, doc FROM ${docTable(collection.name)} WHERE id = ?`;
    this.#covered = covered;
    this.#residual = residual.length > 0 ? Object.fromEntries(residual) : undefined;
    this.#chunkLimit = this.#residual ? CHUNK_OF_DOCUMENTS : CHUNK;
    const filtered = Object.keys(where).length > 0;
    this.#chunkSize = filtered ? Math.min(this.#chunkLimit, find.limit * FILTER_FACTOR) : find.limit;
    this.#last = find.after;
  }

  /** The page is full, or has examined what a page may examine. */
  get isOver(): boolean {
    return this.#items.length === this.#find.limit || this.#examined >= EXAMINE_LIMIT;
  }

  page(more: boolean): Page<Doc> {
    const page = { items: this.#items, positions: this.#positions };
    return more && this.#last ? { ...page, after: this.#last } : page;
  }

  /** Whether the stretch has an entry after the last one examined. */
  hasMore(stretch: Stretch): boolean {
    const { sql, values } = this.#select(stretch, 'id');
    return this.#reader.statement(`${sql} LIMIT 1`).get(...values) !== undefined;
  }

  /** Walk one chunk of a stretch; true when the stretch is at its end. */
  chunk(stretch: Stretch): boolean {
    const size = Math.min(this.#chunkSize, EXAMINE_LIMIT - this.#examined);
    this.#chunkSize = this.#chunkLimit;
    return this.#reader.snapshot(() =>
      this.#covered.sql === '' ? this.#walkAll(stretch, size) : this.#walkCovered(stretch, size),
    );
  }

  #walkAll(stretch: Stretch, size: number): boolean {
    const { sql, values } = this.#select(stretch, this.#names.join(', '));
    const rows = this.#reader.statement(`${sql} LIMIT ?`).all(...values, size) as Row[];
    this.#take(rows);
    if (this.isOver) return false;
    this.#last = this.#positionOf(rows.at(-1)) ?? this.#last;
    this.#examined += rows.length;
    return rows.length < size;
  }

  /** The conditions the entries can answer are left to SQLite: entries passed over are never made objects, nor their documents read. */
  #walkCovered(stretch: Stretch, size: number): boolean {
    const { sql, values } = this.#select(stretch, this.#names.join(', '));
    const hits = `SELECT * FROM (${sql} LIMIT ?) WHERE ${this.#covered.sql}`;
    const rows = this.#reader.statement(hits).all(...values, size, ...this.#covered.values) as Row[];
    const counted = `SELECT count(*) AS count FROM (${sql} LIMIT ?)`;
    const { count } = this.#reader.statement(counted).get(...values, size) as { count: number };
    const end = this.#reader.statement(`${sql} LIMIT 1 OFFSET ?`).get(...values, Math.max(0, count - 1)) as
      Row | undefined;
    this.#take(rows);
    if (this.isOver) return false;
    this.#last = this.#positionOf(end) ?? this.#last;
    this.#examined += count;
    return count < size;
  }

  /** Read the documents of entries until the page is full. */
  #take(rows: readonly Row[]): void {
    const statement = this.#reader.statement(this.#docs);
    for (const row of rows) {
      const item = readDocument(statement.get(row['id']) as StoredRow);
      if (this.#residual && !matches(item, this.#residual)) continue;
      const position = this.#names.map((name) => row[name] ?? '');
      this.#items.push(item);
      this.#positions.push(position);
      this.#last = position;
      if (this.isOver) return;
    }
  }

  #select(stretch: Stretch, what: string): Clause {
    const descending = this.#find.descending ?? false;
    const { sql, values } = clauseOf(stretch, this.#names.length - 1, this.#last, descending);
    const order = this.#names.map((name) => (descending ? `${name} DESC` : name)).join(', ');
    return { sql: `SELECT ${what} FROM ${this.#table} ${sql} ORDER BY ${order}`, values };
  }

  #positionOf(row: Row | undefined): PagePosition | undefined {
    return row && this.#names.map((name) => row[name] ?? '');
  }
}
