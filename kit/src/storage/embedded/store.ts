/** The embedded engine behind the port: commits go to the writer thread, reads to a connection of their own in this thread. */
import { formatCursor } from '../../log/cursor.js';
import type { Collection } from '../collection.js';
import { Committer } from '../committer.js';
import { checkGetByKey } from '../find-rules.js';
import type { Commit, CommitResult, Count, Doc, Find, Instant, KeyValue, Page, RequestRecord, Store } from '../port.js';
import { PAGE_LIMIT, StoreError } from '../port.js';
import type { Preparer } from '../prepare.js';
import { findPage } from './find.js';
import { columns, counterTable, docTable, keyTable } from './layout.js';
import { EmbeddedLog } from './log.js';
import type { Meta } from './meta.js';
import { readDocument, type Reader, type StoredRow } from './reader.js';
import type { WriterThread } from './writer-thread.js';

interface Parts {
  readonly name: string;
  readonly reader: Reader;
  readonly meta: Meta;
  readonly writer: WriterThread;
  readonly preparer: Preparer;
  readonly unlock: () => void;
}

export class EmbeddedStore implements Store {
  readonly name: string;
  readonly exclusive = true;
  readonly log: EmbeddedLog;
  readonly #parts: Parts;
  readonly #epoch: string;
  readonly #committer: Committer;
  readonly #committing = new Set<Promise<CommitResult>>();
  #closed: StoreError | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.name = parts.name;
    this.#parts = parts;
    this.#epoch = parts.meta.logState().epoch;
    this.log = new EmbeddedLog(parts.reader, parts.meta, () => this.#check());
    this.#committer = new Committer(parts.writer, () => this.log.ring());
  }

  async get<D extends Doc>(collection: Collection<D>, id: string): Promise<D | undefined> {
    this.#check();
    return this.#get(collection, id);
  }

  async getMany<D extends Doc>(collection: Collection<D>, ids: readonly string[]): Promise<(D | undefined)[]> {
    this.#check();
    if (ids.length > PAGE_LIMIT) throw new StoreError('INVALID', `getMany takes at most ${PAGE_LIMIT} ids.`);
    return this.#parts.reader.snapshot(() => ids.map((id) => this.#get(collection, id)));
  }

  async getByKey<D extends Doc>(
    collection: Collection<D>,
    key: string,
    values: readonly KeyValue[],
  ): Promise<D | undefined> {
    this.#check();
    checkGetByKey(collection, key, values);
    const equal = columns(values.length)
      .map((column) => `k.${column} = ?`)
      .join(' AND ');
    const sql = `SELECT version, doc FROM ${keyTable(collection.name, key)} k JOIN ${docTable(collection.name)} d ON d.id = k.id WHERE ${equal}`;
    return parse<D>(this.#parts.reader.statement(sql).get(...values));
  }

  async find<D extends Doc>(collection: Collection<D>, find: Find): Promise<Page<D>> {
    this.#check();
    return (await findPage(this.#parts.reader, collection, find)) as Page<D>;
  }

  async counts<D extends Doc>(collection: Collection<D>, counter: string, group: KeyValue): Promise<Count[]> {
    this.#check();
    const spec = collection.counters[counter];
    if (!spec) throw new StoreError('INVALID', `${collection.name} has no counter ${counter}`);
    const names = columns(spec.by.length + 1).slice(1);
    const sql = `SELECT * FROM ${counterTable(collection.name, counter)} WHERE v0 = ? AND count <> 0`;
    const rows = this.#parts.reader.statement(sql).all(group) as (Record<string, KeyValue> & { count: number })[];
    return rows.map((row) => ({ values: names.map((name) => row[name] ?? ''), count: row.count }));
  }

  async request(caller: string, mutation: string, key: string): Promise<RequestRecord | undefined> {
    this.#check();
    const row = this.#parts.reader
      .statement('SELECT hash, result FROM requests WHERE caller = ? AND mutation = ? AND key = ? AND time >= ?')
      .get(caller, mutation, key, this.#parts.preparer.requestsValidFrom()) as
      { hash: string; result: string } | undefined;
    return row && { caller, mutation, key, hash: row.hash, result: JSON.parse(row.result) as unknown };
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
    this.#parts.meta.logState();
  }

  async verify(): Promise<string[]> {
    this.#check();
    return this.#parts.writer.verify();
  }

  async prune({ before, upTo, limit }: { before: Instant; upTo: number; limit: number }): Promise<number> {
    this.#check();
    const requestsBefore = this.#parts.preparer.requestsValidFrom();
    return this.#parts.writer.prune({ before, upTo, limit, requestsBefore });
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close(new StoreError('CLOSED', `The store ${this.name} is closed.`)));
  }

  /** The writer ended unasked: nothing more can be committed, and readers must not go on as if all were well. */
  crashed(error: StoreError): void {
    this.#committer.fail(error);
    this.#closing ??= this.#close(error);
  }

  async #close(reason: StoreError): Promise<void> {
    this.#closed = reason;
    this.log.silence();
    // A commit that was asked for in time may still be at its validation, on its way to the committer.
    await Promise.allSettled(this.#committing);
    await this.#committer.close();
    // The reader goes first: the writer then folds the write-ahead log into the file with nobody reading it.
    try {
      this.#parts.reader.close();
      await this.#parts.writer.close();
    } finally {
      this.#parts.unlock();
    }
  }

  #check(): void {
    if (this.#closed) throw this.#closed;
  }

  #get<D extends Doc>(collection: Collection<D>, id: string): D | undefined {
    return parse<D>(
      this.#parts.reader.statement(`SELECT version, doc FROM ${docTable(collection.name)} WHERE id = ?`).get(id),
    );
  }
}

function parse<D>(row: unknown): D | undefined {
  return row === undefined ? undefined : (readDocument(row as StoredRow) as D);
}
