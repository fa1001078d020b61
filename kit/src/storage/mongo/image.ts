/**
 * An image of a store on MongoDB. Beside running services it is one snapshot transaction, which the server ends after a minute
 * (`transactionLifetimeLimitSeconds`). A database that takes longer to read is read again without one, and then holds only if nothing was committed meanwhile.
 */
import type { mongo } from 'mongoose';
import type { Collection } from '../collection.js';
import {
  type Batch,
  BATCH_ROWS,
  BATCH_SIZE,
  isCopied,
  type Part,
  type RequestRow,
  type Row,
  type RowKey,
  SnapshotLostError,
  type Start,
  type StoreFacts,
  type StoreImage,
} from '../copy/image.js';
import { refuseUnfinished, UNFINISHED } from '../copy/mark.js';
import { type Doc, StoreError } from '../port.js';
import { type Connected, connectMongo } from './connection.js';
import { codecOf, type Stored } from './documents.js';
import { asStoreError, hasCode } from './errors.js';
import { Collections, eventOf, FORMAT, HEAD_ID, type HeadDoc } from './layout.js';

/** `SNAPSHOT`: one transaction; `STILL`: plain reads of a database that nobody changes, which is checked. */
export type ImageMode = 'SNAPSHOT' | 'STILL';

/** NoSuchTransaction, SnapshotTooOld, SnapshotUnavailable, CursorNotFound, TransactionExceededLifetimeLimitSeconds. */
const SNAPSHOT_ENDED = [251, 239, 246, 43, 290];

/**
 * Open the image of a store that was in use before.
 * @throws StoreError UNAVAILABLE when there is no such store, INVALID when it is half a copy
 */
export async function openMongoImage(options: {
  uri: string;
  name: string;
  collections: readonly Collection<Doc>[];
  mode: ImageMode;
}): Promise<StoreImage> {
  const { uri, name, collections: declared, mode } = options;
  const connected = await connectMongo(uri, name, 'numberyard-copy');
  const session = connected.client.startSession();
  const close = async () => {
    await session.endSession().catch(() => undefined);
    await connected.connection.close(true);
  };
  try {
    await checkDatabase(connected);
    if (mode === 'SNAPSHOT') {
      session.startTransaction({ readConcern: { level: 'snapshot' }, readPreference: 'primary' });
    }
    return new MongoImage({ name, connected, declared, mode, session, close });
  } catch (error) {
    await close();
    throw asStoreError(error, connected.hosts, connected.database);
  }
}

async function checkDatabase({ db, database }: Connected): Promise<void> {
  const { meta } = new Collections(db);
  const head = await meta.findOne({ _id: HEAD_ID });
  const unfinished = await meta.findOne({ _id: UNFINISHED });
  if (unfinished && 'mark' in unfinished) refuseUnfinished(`The database ${database}`, unfinished.mark);
  if (!head || !('format' in head)) throw noNumberyard({ database });
  if (head.format !== FORMAT) {
    throw new StoreError(
      'UNAVAILABLE',
      `The database ${database} is of storage format ${head.format}; this program knows ${FORMAT}.`,
    );
  }
}

function noNumberyard({ database }: Pick<Connected, 'database'>): StoreError {
  return new StoreError('UNAVAILABLE', `There is no Numberyard in the database ${database}.`);
}

export interface MongoImageParts {
  readonly name: string;
  readonly connected: Connected;
  readonly declared: readonly Collection<Doc>[];
  readonly mode: ImageMode;
  readonly session: mongo.ClientSession;
  readonly close: () => Promise<void>;
}

export class MongoImage implements StoreImage {
  readonly name: string;
  readonly #parts: MongoImageParts;
  readonly #collections: Collections;
  #names: readonly string[] | undefined;
  #turn: number | undefined;

  constructor(parts: MongoImageParts) {
    this.name = parts.name;
    this.#parts = parts;
    this.#collections = new Collections(parts.connected.db);
  }

  async facts(): Promise<StoreFacts> {
    return this.#reading(async () => {
      const facts = await this.#head();
      if (!facts) throw noNumberyard(this.#parts.connected);
      const { epoch, head, floors, removed: known } = facts;
      const removed: Record<string, number> = { ...known };
      for (const name of await this.#stored()) {
        if (isCopied(name)) continue;
        const highest = await this.#highestVersion(name);
        if (highest > 0) removed[name] = Math.max(removed[name] ?? 0, highest);
      }
      return { epoch, head, floors: { history: floors.history, passing: floors.passing }, removed };
    });
  }

  async *batches(start: (part: Part) => Promise<Start> | Start = () => undefined): AsyncIterable<Batch> {
    await this.#reading(() => this.#checkStill());
    const documents = (await this.#reading(() => this.#stored()))
      .filter(isCopied)
      .map((collection): Part => ({ kind: 'documents', collection }));
    for (const part of [...documents, { kind: 'log' } as const, { kind: 'requests' } as const]) {
      const from = await start(part);
      if (from === 'SKIP') yield { part, rows: [] };
      else yield* this.#batchesOf(part, from?.after);
      await this.#reading(() => this.#checkStill());
    }
  }

  async close(): Promise<void> {
    await this.#parts.close();
  }

  async *#batchesOf(part: Part, after: RowKey | undefined): AsyncIterable<Batch> {
    const { rows: cursor, read } = this.#open(part, after);
    let rows: Row[] = [];
    let size = 0;
    let isTold = false;
    try {
      for (;;) {
        const stored = await this.#reading(() => cursor.next());
        if (!stored) break;
        const row = read(stored);
        rows.push(row);
        // Most rows are small: only what may be large is measured.
        size += rows.length % 10 === 0 ? 10 * JSON.stringify(row).length : 0;
        if (rows.length < BATCH_ROWS && size < BATCH_SIZE) continue;
        yield { part, rows };
        isTold = true;
        rows = [];
        size = 0;
      }
    } finally {
      await cursor.close().catch(() => undefined);
    }
    if (rows.length > 0 || !isTold) yield { part, rows };
  }

  #open(
    part: Part,
    after: RowKey | undefined,
  ): { rows: mongo.FindCursor<mongo.Document>; read: (stored: mongo.Document) => Row } {
    const { connected, declared, session } = this.#parts;
    const name = part.kind === 'documents' ? part.collection : undefined;
    const source =
      name === undefined
        ? part.kind === 'log'
          ? this.#collections.events
          : this.#collections.requests
        : connected.db.collection(name);
    const filter = after === undefined ? {} : { _id: { $gt: after } };
    const rows = (source as mongo.Collection).find(filter as mongo.Filter<mongo.Document>, {
      session,
      sort: { _id: 1 },
      batchSize: BATCH_ROWS,
    });
    return { rows, read: readerOf(part, declared) };
  }

  async #head(): Promise<HeadDoc | undefined> {
    const head = await this.#collections.meta.findOne({ _id: HEAD_ID }, { session: this.#parts.session });
    return head && 'head' in head ? (head as HeadDoc) : undefined;
  }

  /** The head changes with every group of commits; as long as a copy is being taken in there may be none. */
  async #checkStill(): Promise<void> {
    if (this.#parts.mode === 'SNAPSHOT') return;
    const turn = (await this.#head())?.turn ?? 0;
    this.#turn ??= turn;
    if (this.#turn === turn) return;
    throw new StoreError(
      'UNAVAILABLE',
      `The database ${this.#parts.connected.database} is in use and too large to be read in one transaction of the server ` +
        '(transactionLifetimeLimitSeconds, 60 by default). Stop the services while it is read, or use a tool of MongoDB, for instance mongodump --oplog.',
    );
  }

  async #stored(): Promise<readonly string[]> {
    if (this.#names) return this.#names;
    // Not in the session: a transaction may not list collections. Internal ones have an underscore in their names.
    const all = await this.#parts.connected.db.listCollections({}, { nameOnly: true }).toArray();
    this.#names = all
      .map(({ name }) => name)
      .filter((name) => !/[_.]/.test(name))
      .sort();
    return this.#names;
  }

  async #highestVersion(collection: string): Promise<number> {
    const { connected, session } = this.#parts;
    const [doc] = await connected.db
      .collection<Stored>(collection)
      .find({}, { session, projection: { version: 1 } })
      .sort({ version: -1 })
      .limit(1)
      .toArray();
    return doc?.version ?? 0;
  }

  async #reading<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      const { mode, connected } = this.#parts;
      if (mode === 'SNAPSHOT' && hasCode(error, ...SNAPSHOT_ENDED)) throw new SnapshotLostError(this.name, error);
      throw asStoreError(error, connected.hosts, connected.database);
    }
  }
}

function readerOf(part: Part, declared: readonly Collection<Doc>[]): (stored: mongo.Document) => Row {
  if (part.kind === 'documents') {
    const codec = codecOf(declared.find(({ name }) => name === part.collection) ?? { keys: {} });
    return (stored) => codec.decode(stored);
  }
  if (part.kind === 'log') return (stored) => eventOf(stored as Parameters<typeof eventOf>[0]);
  return ({ _id: _, result, ...request }) =>
    ({ ...request, result: JSON.parse(result as string) as unknown }) as RequestRow;
}
