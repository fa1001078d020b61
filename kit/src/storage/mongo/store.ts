/** The MongoDB engine behind the port. */
import type { mongo } from 'mongoose';
import { formatCursor } from '../../log/cursor.js';
import type { Collection } from '../collection.js';
import { Committer } from '../committer.js';
import { checkGetByKey } from '../find-rules.js';
import type { Commit, CommitResult, Count, Doc, Find, Instant, KeyValue, Page, RequestRecord, Store } from '../port.js';
import { PAGE_LIMIT, StoreError } from '../port.js';
import { compareValues } from '../order.js';
import type { Preparer } from '../prepare.js';
import { MongoApplier } from './applier.js';
import type { Connected } from './connection.js';
import { type Declared, declaredOf } from './declared.js';
import { storedPath, type Stored } from './documents.js';
import { Doorbell } from './doorbell.js';
import { asStoreError } from './errors.js';
import { findPage } from './find.js';
import { Gatherer } from './gather.js';
import { type Collections, HEAD_ID, requestId } from './layout.js';
import { MongoLog } from './log.js';
import type { Patience } from './patience.js';
import { pruneDatabase } from './prune.js';
import { Reads } from './reads.js';
import { verifyDatabase } from './verify.js';

export interface StoreParts {
  readonly name: string;
  readonly connected: Connected;
  readonly collections: Collections;
  readonly declared: readonly Collection<Doc>[];
  readonly preparer: Preparer;
  readonly patience: Patience;
  readonly epoch: string;
  readonly warn: (error: unknown, message: string) => void;
}

export class MongoStore implements Store {
  readonly name: string;
  readonly exclusive = false;
  readonly log: MongoLog;
  readonly #parts: StoreParts;
  readonly #declared: ReadonlyMap<string, Declared>;
  readonly #reads: Reads;
  readonly #doorbell: Doorbell;
  readonly #committer: Committer;
  readonly #gatherers = new Map<string, Gatherer>();
  readonly #committing = new Set<Promise<CommitResult>>();
  #epoch: string;
  #closed: StoreError | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: StoreParts) {
    const { collections, connected, patience } = parts;
    this.name = parts.name;
    this.#parts = parts;
    this.#epoch = parts.epoch;
    this.#declared = new Map(parts.declared.map((collection) => [collection.name, declaredOf(collection)]));
    this.#reads = new Reads(connected.client, patience);
    this.#doorbell = new Doorbell(collections, (error) =>
      parts.warn(error, 'the change stream broke; the log is polled until it is open again'),
    );
    this.log = new MongoLog(collections, (ask) => this.#read(ask), this.#doorbell);
    const applier = new MongoApplier({
      client: connected.client,
      collections,
      declared: this.#declared,
      patience,
      applied: ({ epoch }, time) => {
        this.#epoch = epoch;
        this.#reads.notBefore(time);
      },
    });
    this.#committer = new Committer(applier, () => this.#doorbell.ring());
  }

  async get<D extends Doc>(collection: Collection<D>, id: string): Promise<D | undefined> {
    const [found] = await this.getMany(collection, [id]);
    return found;
  }

  async getMany<D extends Doc>(collection: Collection<D>, ids: readonly string[]): Promise<(D | undefined)[]> {
    this.#check();
    if (ids.length > PAGE_LIMIT) throw new StoreError('INVALID', `getMany takes at most ${PAGE_LIMIT} ids.`);
    const { codec } = this.#of(collection);
    const found = await this.#gatherer(collection).get(ids);
    return found.map((stored) => stored && (codec.decode(stored) as D));
  }

  async getByKey<D extends Doc>(
    collection: Collection<D>,
    key: string,
    values: readonly KeyValue[],
  ): Promise<D | undefined> {
    this.#check();
    const { paths } = checkGetByKey(collection, key, values);
    const filter = Object.fromEntries(paths.map((path, index) => [storedPath(path), values[index]] as const));
    const found = await this.#read((session) => this.#documents(collection).findOne(filter, { session }));
    return found ? (this.#of(collection).codec.decode(found) as D) : undefined;
  }

  async find<D extends Doc>(collection: Collection<D>, find: Find): Promise<Page<D>> {
    this.#check();
    const { codec } = this.#of(collection);
    const documents = this.#documents(collection);
    return (await this.#read((session) =>
      findPage({ collection: documents, session, decode: (stored) => codec.decode(stored) }, collection, find),
    )) as Page<D>;
  }

  async counts<D extends Doc>(collection: Collection<D>, counter: string, group: KeyValue): Promise<Count[]> {
    this.#check();
    if (!collection.counters[counter]) throw new StoreError('INVALID', `${collection.name} has no counter ${counter}`);
    const filter = { collection: collection.name, counter, group, count: { $ne: 0 } };
    const rows = await this.#read((session) => this.#parts.collections.counters.find(filter, { session }).toArray());
    return rows.map(({ values, count }) => ({ values, count })).sort(byValues);
  }

  async request(caller: string, mutation: string, key: string): Promise<RequestRecord | undefined> {
    this.#check();
    const filter = {
      _id: requestId(caller, mutation, key),
      time: { $gte: this.#parts.preparer.requestsValidFrom() },
    };
    const row = await this.#read((session) => this.#parts.collections.requests.findOne(filter, { session }));
    return row ? { caller, mutation, key, hash: row.hash, result: JSON.parse(row.result) as unknown } : undefined;
  }

  async commit(commit: Commit): Promise<CommitResult> {
    this.#check();
    const committing = this.#commit(commit);
    this.#committing.add(committing);
    try {
      return await committing;
    } finally {
      this.#committing.delete(committing);
    }
  }

  async #commit(commit: Commit): Promise<CommitResult> {
    const prepared = this.#parts.preparer.prepare(commit);
    if (!commit.trusted) await this.#parts.preparer.validate(commit);
    const applied = await this.#committer.submit(prepared);
    if ('conflicts' in applied) return { ok: false, conflicts: applied.conflicts };
    return { ok: true, cursor: formatCursor(this.#epoch, applied.position), versions: applied.versions };
  }

  async ping(): Promise<void> {
    this.#check();
    // Asked once: a readiness check wants to know how it is now.
    const head = await this.#read((session) => this.#parts.collections.meta.findOne({ _id: HEAD_ID }, { session }), 0);
    if (!head) throw new StoreError('UNAVAILABLE', `The database ${this.#parts.connected.database} was removed.`);
  }

  async verify(): Promise<string[]> {
    this.#check();
    const { connected, collections, declared } = this.#parts;
    return this.#read(() => verifyDatabase(connected.client, collections, declared));
  }

  async prune({ before, upTo, limit }: { before: Instant; upTo: number; limit: number }): Promise<number> {
    this.#check();
    const { collections, preparer } = this.#parts;
    const order = { before, upTo, limit, requestsBefore: preparer.requestsValidFrom() };
    return this.#read((session) => pruneDatabase(collections, order, session));
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#closed = new StoreError('CLOSED', `The store ${this.name} is closed.`);
    this.#doorbell.silence();
    this.#parts.patience.end();
    // A commit that was asked for in time may still be at its validation, on its way to the committer.
    await Promise.allSettled(this.#committing);
    await this.#committer.close();
    await this.#parts.connected.connection.close();
  }

  #check(): void {
    if (this.#closed) throw this.#closed;
  }

  async #read<T>(ask: (session: mongo.ClientSession) => Promise<T>, term?: number): Promise<T> {
    this.#check();
    try {
      return await this.#reads.read(ask, term);
    } catch (error) {
      if (this.#closed) throw this.#closed;
      throw asStoreError(error, this.#parts.connected.hosts, this.#parts.connected.database);
    }
  }

  #gatherer<D extends Doc>(collection: Collection<D>): Gatherer {
    let gatherer = this.#gatherers.get(collection.name);
    if (!gatherer) {
      const query = (ids: readonly string[]) =>
        this.#read((session) =>
          this.#documents(collection)
            .find({ _id: { $in: [...ids] } }, { session, batchSize: ids.length + 1 })
            .toArray(),
        );
      gatherer = new Gatherer(query);
      this.#gatherers.set(collection.name, gatherer);
    }
    return gatherer;
  }

  #documents<D extends Doc>({ name }: Collection<D>): mongo.Collection<Stored> {
    return this.#parts.collections.db.collection(name);
  }

  #of<D extends Doc>({ name }: Collection<D>): Declared {
    const declared = this.#declared.get(name);
    if (!declared) throw new StoreError('INVALID', `collection ${name} is not one of this store`);
    return declared;
  }
}

/** The order in which the embedded engine holds them. */
function byValues(a: Count, b: Count): number {
  const index = a.values.findIndex((value, at) => value !== b.values[at]);
  return index < 0 ? 0 : compareValues(a.values[index] ?? '', b.values[index] ?? '');
}
