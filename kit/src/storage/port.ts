/**
 * The storage port: everything Numberyard asks of a database. Two engines stand below it (embedded SQLite, MongoDB), one
 * conformance suite holds both to what is written here.
 *
 * Reading sees committed state only. Writing is one operation, {@link Store.commit}: plain data that is applied whole or answered
 * with the conflicts. There is no interactive transaction, because an open one on a shared connection lets an unrelated acknowledged
 * write be rolled back with it, and a database that re-runs a transaction's function runs its decisions twice.
 */
import type { EventLog, NewEvent } from '../log/event.js';
import type { Collection } from './collection.js';

/**
 * What every stored document has. The engine owns `version`: 0 is a document that is not stored, every save adds one. A version never comes back for an
 * id, so that whoever read a document that was removed and made again meanwhile cannot overwrite the new one: of each collection the engine keeps the
 * highest version that was ever removed, and a document that is made begins above it.
 */
export interface Doc {
  readonly id: string;
  readonly version: number;
}

/** A value a key may hold: a string (binary order) or a safe integer. Instants are strings, see {@link Instant}. */
export type KeyValue = string | number;

/** A point in time, always `YYYY-MM-DDTHH:mm:ss.sssZ`: it reads the same on both engines and its binary order is its order in time. */
export type Instant = string;

/**
 * Condition on one path. `prefix` is for strings; a range holds values of its bounds' type only; `in` holds at most 500 values. Values stand
 * numbers before strings, strings in the order of their UTF-8 bytes.
 */
export type Condition =
  | KeyValue
  | boolean
  | { readonly in: readonly KeyValue[] }
  | { readonly prefix: string }
  | { readonly gte?: KeyValue; readonly gt?: KeyValue; readonly lt?: KeyValue; readonly lte?: KeyValue }
  | { readonly exists: boolean };

/**
 * A page of one declared key, in the key's order.
 *
 * `equals` fixes the key's leading paths; `next` restricts the path after them (range, prefix or `in`); `where` filters the documents
 * that are left by any top-level path (an array path matches when one element does). A page examines at most {@link EXAMINE_LIMIT}
 * entries and may therefore be short, even empty, while `after` says that there is more. With `next: { in }` too the page comes in the order
 * of the key. A path that may hold an array has to be fixed by `equals`, so that a document stands there once. Conditions on paths of the key cost little;
 * for one on any other path the document is read, see {@link DOCUMENT_COST}.
 */
export interface Find {
  readonly key: string;
  readonly equals?: readonly KeyValue[];
  readonly next?: Exclude<Condition, KeyValue | boolean | { readonly exists: boolean }>;
  readonly where?: Readonly<Record<string, Condition>>;
  readonly descending?: boolean;
  /** At most {@link PAGE_LIMIT}. */
  readonly limit: number;
  /** Position to go on after: `Page.after` of the page before, or one of `Page.positions`. It has to lie within `equals`. */
  readonly after?: PagePosition;
}

/** Key values and id of the entry a page ended at; opaque to callers but plain JSON, so that a cursor can carry it. */
export type PagePosition = readonly KeyValue[];

export interface Page<D> {
  readonly items: readonly D[];
  /** Where each item stands, for a cursor per edge; same length as `items`. */
  readonly positions: readonly PagePosition[];
  /** Set when entries are left beyond this page, whether or not they pass `where`. */
  readonly after?: PagePosition;
}

/** Most documents a page may hold. */
export const PAGE_LIMIT = 1000;
/** Most key entries one page examines, so that a rare filter cannot hold a request for seconds. */
export const EXAMINE_LIMIT = 10_000;
/** As how many entries one counts whose document has to be read to judge it. */
export const DOCUMENT_COST = 25;

/** A document to be as it was read: `version` 0 means it must not exist. Also how a lease's fence is expected. */
export interface Expectation {
  readonly collection: string;
  readonly id: string;
  readonly version: number;
}

/**
 * The record that makes a mutation idempotent: the same `caller`, `mutation` and `key` with the same `hash` is answered with `result`, with another
 * hash it is refused. Kept for seven days.
 */
export interface RequestRecord {
  readonly caller: string;
  readonly mutation: string;
  readonly key: string;
  /** Hash of the input, see {@link requestHash}. */
  readonly hash: string;
  /** Reference to the result (ids), never the result's secrets. Plain JSON. */
  readonly result: unknown;
}

/** One commit: applied whole, or not at all. Every part may be empty. */
export interface Commit {
  /** Documents that are only read but must not have changed. */
  readonly expect?: readonly Expectation[];
  /**
   * Next states. Each carries the version it was read at; a stale one is a conflict. One document at most once per commit, saved or removed;
   * it may be expected as well. Stored as the JSON that was given, half a surrogate pair as U+FFFD, but for the version: it goes up by one, or for a new
   * document begins where {@link CommitResult} says.
   */
  readonly save?: readonly Save[];
  readonly remove?: readonly Expectation[];
  readonly events?: readonly NewEvent[];
  readonly request?: RequestRecord;
  /** Bulk paths that build documents from checked data skip the schema's validation, which costs more than the write. */
  readonly trusted?: boolean;
}

export interface Save {
  readonly collection: string;
  readonly doc: Doc;
}

/** Make a {@link Save} with the document type checked against its collection. */
export function save<D extends Doc>(collection: Collection<D>, doc: D): Save {
  return { collection: collection.name, doc };
}

/** Make an {@link Expectation} (also usable in `remove`) for a document as it was read. */
export function asRead<D extends Doc>(collection: Collection<D>, doc: D): Expectation {
  return { collection: collection.name, id: doc.id, version: doc.version };
}

/** Make an {@link Expectation} that no document has this id. */
export function absent<D extends Doc>(collection: Collection<D>, id: string): Expectation {
  return { collection: collection.name, id, version: 0 };
}

/** Why a commit was not applied. `STALE`: a version differs; `TAKEN`: a unique key is held by another document; `REQUEST`: the request was recorded before. */
export type Conflict =
  | { readonly kind: 'STALE'; readonly collection: string; readonly id: string }
  | { readonly kind: 'TAKEN'; readonly collection: string; readonly id: string; readonly key: string }
  | { readonly kind: 'REQUEST' };

export type CommitResult =
  /**
   * `cursor` is the log's position after this commit: whoever follows the log up to it has seen the commit. `versions` are those that `save` was
   * stored at, in its order: of a new document nobody can tell it beforehand.
   */
  | { readonly ok: true; readonly cursor: string; readonly versions: readonly number[] }
  | { readonly ok: false; readonly conflicts: readonly Conflict[] };

/** Faults of the store, never refusals: the message is for operators. */
export class StoreError extends Error {
  /** `CLOSED`: the store was closed or its process died; `INVALID`: the caller broke the port's rules or a document its schema; `UNAVAILABLE`: try later; `LOCKED`: another process holds the data folder. */
  readonly code: 'CLOSED' | 'INVALID' | 'UNAVAILABLE' | 'LOCKED';
  constructor(code: StoreError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.code = code;
  }
}

/** One subgraph's database. Safe for concurrent use. */
export interface Store {
  /** Name of the owning subgraph. */
  readonly name: string;
  /** True where the engine lets no second process in: then a lease held by anybody else is held by the dead. */
  readonly exclusive: boolean;
  readonly log: EventLog;

  get<D extends Doc>(collection: Collection<D>, id: string): Promise<D | undefined>;
  /** In the order of `ids`, `undefined` where there is none. At most {@link PAGE_LIMIT} ids. */
  getMany<D extends Doc>(collection: Collection<D>, ids: readonly string[]): Promise<(D | undefined)[]>;
  /** By the values of a unique key. */
  getByKey<D extends Doc>(collection: Collection<D>, key: string, values: readonly KeyValue[]): Promise<D | undefined>;
  find<D extends Doc>(collection: Collection<D>, find: Find): Promise<Page<D>>;
  /**
   * A declared counter at one group, e.g. numbers by status at a node: `[{ values: ['USED'], count: 3 }]`, zero counts left out, in the order of their
   * values.
   */
  counts<D extends Doc>(collection: Collection<D>, counter: string, group: KeyValue): Promise<Count[]>;
  /** The record of an earlier request, if one was committed within its seven days. */
  request(caller: string, mutation: string, key: string): Promise<RequestRecord | undefined>;
  /** Apply whole or answer the conflicts. Resolves only when durable. @throws StoreError */
  commit(commit: Commit): Promise<CommitResult>;
  /** Answers once; throws a StoreError that says what is wrong when the store cannot serve. */
  ping(): Promise<void>;
  /** Recount every counter from the documents: what differs, as sentences; empty when all is right. */
  verify(): Promise<string[]>;
  /** Remove passing events older than `before` up to `upTo` and requests older than their seven days. Returns how many rows went. */
  prune(options: { before: Instant; upTo: number; limit: number }): Promise<number>;
  close(): Promise<void>;
}

export interface Count {
  readonly values: readonly KeyValue[];
  readonly count: number;
}
