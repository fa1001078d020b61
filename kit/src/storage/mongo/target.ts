/** Taking an image into a database of MongoDB: rows first, then indexes and counters. Nobody else works on it meanwhile, so it needs no transactions. */
import type { mongo } from 'mongoose';
import type { LoggedEvent } from '../../log/event.js';
import type { Collection } from '../collection.js';
import type { Part, RequestRow, Row, RowKey, StoreFacts, StoreImage } from '../copy/image.js';
import { type CopyMark, FINISHED, readMark, UNFINISHED } from '../copy/mark.js';
import type { StoreTarget, TargetState } from '../copy/target.js';
import { type Doc, StoreError } from '../port.js';
import { alignDatabase } from './align.js';
import { type Connected, connectMongo } from './connection.js';
import { countAnew } from './counters.js';
import { codecOf } from './documents.js';
import { asStoreError, isDuplicate } from './errors.js';
import { MongoImage } from './image.js';
import { Collections, countersId, EVENT_LOG, eventDoc, FORMAT, HEAD_ID, requestDoc, STORE_REQUESTS } from './layout.js';
import { COMMIT_TERM, Patience } from './patience.js';
import { verifyState } from './verify.js';

/** @throws StoreError see `connectMongo` */
export async function openMongoTarget(options: {
  uri: string;
  name: string;
  collections: readonly Collection<Doc>[];
}): Promise<StoreTarget> {
  const { uri, name, collections } = options;
  return new MongoTarget(name, await connectMongo(uri, name, 'numberyard-copy'), collections);
}

class MongoTarget implements StoreTarget {
  readonly name: string;
  readonly place: string;
  readonly #connected: Connected;
  readonly #collections: Collections;
  readonly #declared: readonly Collection<Doc>[];
  readonly #patience: Patience;
  readonly #session: mongo.ClientSession;
  /** Collections whose counters are known to be void. */
  readonly #touched = new Set<string>();

  constructor(name: string, connected: Connected, declared: readonly Collection<Doc>[]) {
    this.name = name;
    this.place = `The database ${connected.database}`;
    this.#connected = connected;
    this.#patience = new Patience((error) => asStoreError(error, connected.hosts, connected.database));
    this.#collections = new Collections(connected.db);
    this.#declared = declared;
    this.#session = connected.client.startSession();
  }

  async state(): Promise<TargetState> {
    return this.#persist(async () => {
      const [mark, finished] = [await this.#mark(UNFINISHED), await this.#mark(FINISHED)];
      if (mark) return { kind: 'UNFINISHED', mark };
      if (finished) return { kind: 'OCCUPIED', finished };
      return { kind: (await this.#isEmpty()) ? 'EMPTY' : 'OCCUPIED' };
    });
  }

  async #mark(_id: string): Promise<CopyMark | undefined> {
    const known = await this.#collections.meta.findOne({ _id });
    return known && 'mark' in known ? readMark(known.mark) : undefined;
  }

  async #isEmpty(): Promise<boolean> {
    const head = await this.#collections.meta.findOne({ _id: HEAD_ID });
    if (head && 'head' in head && head.head > 0) return false;
    for await (const { rows } of this.image().batches()) if (rows.length > 0) return false;
    return true;
  }

  async begin(mark: CopyMark): Promise<void> {
    await this.#setMark(UNFINISHED, mark);
  }

  async last(part: Part): Promise<RowKey | undefined> {
    if (part.kind === 'requests') return undefined;
    return this.#persist(async () => {
      const [row] = await this.#rowsOf(part)
        .find({}, { projection: { _id: 1 } })
        .sort({ _id: -1 })
        .limit(1)
        .toArray();
      return row?._id as RowKey | undefined;
    });
  }

  async write(part: Part, rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return;
    await this.#touch(part);
    const stored = rows.map(storing(part, this.#declared));
    const collection = this.#rowsOf(part);
    // In order, so that the last row tells how far they came.
    try {
      await this.#persist(() => collection.insertMany(stored as never, { ordered: true }));
    } catch (error) {
      if (!isDuplicate(causeOf(error))) throw error;
      // Tried again after an unknown outcome, or requests of an earlier run. A server takes five times as long for these.
      const writes = stored.map((replacement) => ({
        replaceOne: { filter: { _id: replacement._id }, replacement, upsert: true },
      }));
      await this.#persist(() => collection.bulkWrite(writes as never, { ordered: true }));
    }
  }

  async clear(part: Part): Promise<void> {
    await this.#touch(part);
    await this.#persist(() => this.#rowsOf(part).deleteMany({}));
  }

  async align(told: (collection: string) => void): Promise<void> {
    for (const { name, counters } of this.#declared) {
      await this.#persist(() => countAnew(this.#collections, { name, counters }, this.#session));
      told(name);
    }
    await alignDatabase(this.#connected, this.#collections, this.#declared, this.#patience);
  }

  async setFacts({ epoch, head, floors, removed }: StoreFacts): Promise<void> {
    const facts = { format: FORMAT, epoch, head, floors, removed, turn: 1, committers: {} };
    await this.#persist(() => this.#collections.meta.updateOne({ _id: HEAD_ID }, { $set: facts }, { upsert: true }));
  }

  async check(): Promise<string[]> {
    return this.#persist(() => verifyState(this.#collections, this.#declared, this.#session));
  }

  image(): StoreImage {
    return new MongoImage({
      name: this.name,
      connected: this.#connected,
      declared: this.#declared,
      mode: 'STILL',
      session: this.#session,
      close: async () => {},
    });
  }

  async finish(mark: CopyMark): Promise<void> {
    await this.#setMark(FINISHED, mark);
    await this.#persist(() => this.#collections.meta.deleteOne({ _id: UNFINISHED }));
  }

  async close(): Promise<void> {
    this.#patience.end();
    await this.#session.endSession().catch(() => undefined);
    await this.#connected.connection.close(true);
  }

  async #setMark(_id: string, mark: CopyMark): Promise<void> {
    const text = JSON.stringify(mark);
    await this.#persist(() => this.#collections.meta.updateOne({ _id }, { $set: { mark: text } }, { upsert: true }));
  }

  /** Counters no longer fit the documents. */
  async #touch(part: Part): Promise<void> {
    if (part.kind !== 'documents' || this.#touched.has(part.collection)) return;
    await this.#persist(() => this.#collections.meta.deleteOne({ _id: countersId(part.collection) }));
    this.#touched.add(part.collection);
  }

  #rowsOf(part: Part): mongo.Collection<mongo.Document> {
    if (part.kind === 'documents') return this.#connected.db.collection(part.collection);
    return this.#connected.db.collection(part.kind === 'log' ? EVENT_LOG : STORE_REQUESTS);
  }

  async #persist<T>(attempt: () => Promise<T>): Promise<T> {
    try {
      return await this.#patience.persist(COMMIT_TERM, attempt);
    } catch (error) {
      throw asStoreError(error, this.#connected.hosts, this.#connected.database);
    }
  }
}

function causeOf(error: unknown): unknown {
  return error instanceof StoreError ? error.cause : error;
}

/** Whatever its part, it has an id. */
type StoredRow = Readonly<Record<string, unknown>> & { readonly _id: string | number };

function storing(part: Part, declared: readonly Collection<Doc>[]): (row: Row) => StoredRow {
  if (part.kind === 'documents') {
    const codec = codecOf(declared.find(({ name }) => name === part.collection) ?? { keys: {} });
    return (row) => {
      const { version, ...fields } = structuredClone(row as Doc);
      return codec.encode(fields, version);
    };
  }
  if (part.kind === 'log') {
    return (row) => {
      const { position, ...event } = row as LoggedEvent;
      return eventDoc(position, event);
    };
  }
  return (row) => {
    const { result, time, ...request } = row as RequestRow;
    return { ...requestDoc(request, JSON.stringify(result ?? null), time) };
  };
}
