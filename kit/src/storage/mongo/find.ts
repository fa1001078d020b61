/**
 * Pages of a key out of its index. Every query names the index, and its bounds are exact. Where a filter may drop entries they are walked in chunks: the
 * index tells where a chunk ends, then the server picks what the filter lets through up to there. So one page examines a bounded number of entries however
 * rare the filter's matches are, and no query of it takes long.
 */
import type { mongo } from 'mongoose';
import type { Collection } from '../collection.js';
import { matches } from '../filter.js';
import { checkFind } from '../find-rules.js';
import { type Doc, DOCUMENT_COST, EXAMINE_LIMIT, type Find, type Page, type PagePosition } from '../port.js';
import type { Stored } from './documents.js';
import { serverConditions } from './find-filter.js';
import { Scan } from './find-scan.js';
import { indexName } from './indexes.js';

/** Most entries walked in one query. Where each one's document has to be read for the filter, fewer. */
const CHUNK = 10_000;
const CHUNK_OF_DOCUMENTS = 2_000;
/** Entries in the first chunk per document wanted, where a filter will drop some. */
const FILTER_FACTOR = 4;
/** How much longer each chunk is than the one before: the rarer the matches, the fewer round trips per entry. */
const GROWTH = 5;

export interface FindSource {
  /** It reads with majority. */
  readonly collection: mongo.Collection<Stored>;
  readonly session: mongo.ClientSession;
  decode(stored: Stored): Doc;
}

/** See {@link Find}. @throws StoreError INVALID, or what the driver throws */
export async function findPage(source: FindSource, declared: Collection<Doc>, find: Find): Promise<Page<Doc>> {
  const key = checkFind(declared, find);
  return new Walk(source, declared, find, new Scan(declared, key, find)).page();
}

class Walk {
  readonly #source: FindSource;
  readonly #find: Find;
  readonly #scan: Scan;
  readonly #residual: readonly mongo.Filter<Stored>[];
  readonly #items: Doc[] = [];
  readonly #positions: PagePosition[] = [];

  constructor(source: FindSource, declared: Collection<Doc>, find: Find, scan: Scan) {
    this.#source = source;
    this.#find = find;
    this.#scan = scan;
    this.#residual = serverConditions(declared.schema, scan.residual, declared.keys[find.key]?.paths ?? []);
  }

  async page(): Promise<Page<Doc>> {
    const { where = {}, limit } = this.#find;
    if (Object.keys(where).length === 0) {
      const isMore = this.#take(await this.#read(this.#find.after, undefined, limit + 1));
      return this.#page(isMore ? this.#positions.at(-1) : undefined);
    }
    const isResidual = Object.keys(this.#scan.residual).length > 0;
    const chunkLimit = isResidual ? CHUNK_OF_DOCUMENTS : CHUNK;
    const most = isResidual ? EXAMINE_LIMIT / DOCUMENT_COST : EXAMINE_LIMIT;
    let chunk = Math.min(chunkLimit, limit * FILTER_FACTOR);
    let last = this.#find.after;
    for (let examined = 0; examined < most;) {
      const end = await this.#entryAfter(last, chunk);
      const wanted = limit - this.#items.length;
      const found = await this.#read(last, end, wanted + 1);
      if (this.#take(found)) return this.#page(this.#positions.at(-1));
      if (this.#items.length === limit) return this.#pageIfMore(this.#positions.at(-1));
      const cutAt = found.length > wanted ? found.at(-1) : undefined;
      if (!cutAt && !end) return this.#page(undefined);
      examined += cutAt ? found.length : chunk;
      last = cutAt ? this.#scan.positionOf(cutAt) : end;
      chunk = Math.min(chunk * GROWTH, chunkLimit, most - examined);
    }
    return this.#pageIfMore(last);
  }

  /** Put what passes the filter on the page; true when there is more than it may hold. */
  #take(found: readonly Stored[]): boolean {
    for (const stored of found) {
      const doc = this.#source.decode(stored);
      if (!matches(doc, this.#scan.residual)) continue;
      if (this.#items.length === this.#find.limit) return true;
      this.#items.push(doc);
      this.#positions.push(this.#scan.positionOf(stored));
    }
    return false;
  }

  #page(after: PagePosition | undefined): Page<Doc> {
    return { items: this.#items, positions: this.#positions, ...(after && { after }) };
  }

  /** The page, saying where to go on if any entry is left there. */
  async #pageIfMore(after: PagePosition | undefined): Promise<Page<Doc>> {
    return this.#page((await this.#entryAfter(after, 1)) && after);
  }

  /** The position of the nth entry after another, whatever its document holds; the index alone tells. */
  async #entryAfter(after: PagePosition | undefined, nth: number): Promise<PagePosition | undefined> {
    const filter = this.#scan.filter(after);
    if (!filter) return undefined;
    const { projection } = this.#scan;
    const [stored] = await this.#cursor(filter, 1, { projection, skip: nth - 1 }).toArray();
    return stored && this.#scan.positionOf(stored);
  }

  /** The first documents after one position, up to and with another, that the server lets through. */
  async #read(after: PagePosition | undefined, upTo: PagePosition | undefined, limit: number): Promise<Stored[]> {
    const filter = this.#scan.filter(after, upTo, true);
    if (!filter) return [];
    return this.#cursor(this.#residual.length > 0 ? { $and: [filter, ...this.#residual] } : filter, limit).toArray();
  }

  #cursor(filter: mongo.Filter<Stored>, limit: number, options: mongo.FindOptions = {}): mongo.FindCursor<Stored> {
    const { sort } = this.#scan;
    const hint = indexName(this.#find.key);
    // One batch holds it all, so that no cursor stays open at the server.
    const { collection, session } = this.#source;
    return collection.find<Stored>(filter, { ...options, session, hint, sort, limit, batchSize: limit + 1 });
  }
}
