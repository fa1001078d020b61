/** Pages of a key: entries are walked in chunks, each on one snapshot; when some took long the event loop gets its turn. */
import { performance } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import type { Collection } from '../collection.js';
import { matches } from '../filter.js';
import { checkFind } from '../find-rules.js';
import {
  type Condition,
  type Doc,
  DOCUMENT_COST,
  EXAMINE_LIMIT,
  type Find,
  type KeyValue,
  type Page,
  type PagePosition,
} from '../port.js';
import { columns, docTable, keyTable } from './layout.js';
import { readDocument, type Reader, type StoredRow } from './reader.js';
import { type Clause, clauseOf, coveredClause, type Stretch, stretches } from './scan.js';

/**
 * How long chunks are walked before the event loop gets its turn, milliseconds. Each turn given away may be one of bulk work and last longer than the page
 * itself, so it is given when there is something to give it for.
 */
const PATIENCE = 8;
/** Most entries walked in one chunk: about a millisecond. Where each one's document has to be read for the filter, fewer. */
const CHUNK = 2_000;
const CHUNK_OF_DOCUMENTS = 500;
/** Entries in the first chunk per document wanted, where a filter will drop some. */
const FILTER_FACTOR = 4;

type Row = Readonly<Record<string, KeyValue>>;

/** See {@link Find}. @throws StoreError INVALID */
export async function findPage(reader: Reader, collection: Collection<Doc>, find: Find): Promise<Page<Doc>> {
  const walk = new Walk(reader, collection, find);
  let begun = performance.now();
  for (const stretch of stretches(find)) {
    for (;;) {
      if (walk.isOver) {
        if (walk.hasMore(stretch)) return walk.page(true);
        break;
      }
      if (walk.chunk(stretch)) break;
      if (performance.now() - begun < PATIENCE) continue;
      await turn();
      begun = performance.now();
    }
  }
  return walk.page(false);
}

class Walk {
  readonly #reader: Reader;
  readonly #find: Find;
  readonly #names: readonly string[];
  readonly #table: string;
  /** Joins each entry's document; crossed, so that the entries stay outside and their order is that of the key. */
  readonly #withDocuments: string;
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
    const documents = `SELECT id AS documentId, version, doc FROM ${docTable(collection.name)}`;
    this.#withDocuments = `CROSS JOIN (${documents}) ON documentId = id`;
    this.#covered = covered;
    this.#residual = residual.length > 0 ? Object.fromEntries(residual) : undefined;
    this.#chunkLimit = this.#residual ? CHUNK_OF_DOCUMENTS : CHUNK;
    const filtered = Object.keys(where).length > 0;
    this.#chunkSize = filtered ? Math.min(this.#chunkLimit, find.limit * FILTER_FACTOR) : find.limit;
    this.#last = find.after;
  }

  /** The page is full, or has examined what a page may examine. */
  get isOver(): boolean {
    return this.#isFull || this.#examined >= EXAMINE_LIMIT;
  }

  get #isFull(): boolean {
    return this.#items.length === this.#find.limit;
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
    const left = EXAMINE_LIMIT - this.#examined;
    const size = Math.min(this.#chunkSize, Math.ceil(this.#residual ? left / DOCUMENT_COST : left));
    this.#chunkSize = this.#chunkLimit;
    return this.#reader.snapshot(() =>
      this.#covered.sql === '' ? this.#walkAll(stretch, size) : this.#walkCovered(stretch, size),
    );
  }

  #walkAll(stretch: Stretch, size: number): boolean {
    const { sql, values } = this.#select(stretch, `${this.#names.join(', ')}, version, doc`, this.#withDocuments);
    const { taken, last } = this.#take(`${sql} LIMIT ?`, [...values, size]);
    if (this.#isFull) return false;
    this.#last = last ?? this.#last;
    this.#examined += taken;
    return taken < size;
  }

  /** The conditions the entries can answer are left to SQLite: entries passed over are never made objects, nor their documents read. */
  #walkCovered(stretch: Stretch, size: number): boolean {
    const { sql, values } = this.#select(stretch, this.#names.join(', '));
    const hits = `SELECT * FROM (${sql} LIMIT ?) ${this.#withDocuments} WHERE ${this.#covered.sql}`;
    this.#take(hits, [...values, size, ...this.#covered.values]);
    if (this.#isFull) return false;
    const nth = (position: number) =>
      this.#reader.statement(`${sql} LIMIT 1 OFFSET ?`).get(...values, position) as Row | undefined;
    const end = nth(size - 1);
    if (end) {
      this.#last = this.#positionOf(end);
      this.#examined += size;
      return false;
    }
    const counted = `SELECT count(*) AS count FROM (${sql} LIMIT ?)`;
    const { count } = this.#reader.statement(counted).get(...values, size) as { count: number };
    const last = count > 0 ? nth(count - 1) : undefined;
    if (last) this.#last = this.#positionOf(last);
    this.#examined += count;
    return true;
  }

  /** Take documents until the page is full; how many entries were read, and the last of them. */
  #take(sql: string, values: readonly KeyValue[]): { taken: number; last: PagePosition | undefined } {
    let taken = 0;
    let last: PagePosition | undefined;
    for (const row of this.#reader.statement(sql).iterate(...values) as Iterable<Row & StoredRow>) {
      taken += 1;
      last = this.#positionOf(row);
      if (this.#residual) this.#examined += DOCUMENT_COST - 1;
      const item = readDocument(row);
      if (this.#residual && !matches(item, this.#residual)) continue;
      this.#items.push(item);
      this.#positions.push(last);
      this.#last = last;
      if (this.#isFull) break;
    }
    return { taken, last };
  }

  #select(stretch: Stretch, what: string, join = ''): Clause {
    const descending = this.#find.descending ?? false;
    const { sql, values } = clauseOf(stretch, this.#names.length - 1, this.#last, descending);
    const order = this.#names.map((name) => (descending ? `${name} DESC` : name)).join(', ');
    return { sql: `SELECT ${what} FROM ${this.#table} ${join} ${sql} ORDER BY ${order}`, values };
  }

  #positionOf(row: Row): PagePosition {
    return this.#names.map((name) => row[name] ?? '');
  }
}
