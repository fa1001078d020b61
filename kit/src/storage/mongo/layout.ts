/** The collections beside the declared ones, which have no underscore in their names, and what stands in them. */
import type { mongo } from 'mongoose';
import type { LoggedEvent, LogState, Retention } from '../../log/event.js';
import type { Instant, KeyValue, RequestRecord } from '../port.js';
import { decodeNames, encodeNames } from './documents.js';

/** Of the layout in the database; another one is refused. */
export const FORMAT = 1;

/** One event; `_id` is its position. */
export const EVENT_LOG = 'event_log';
/** One document, the {@link HeadDoc}; and one per collection that says what its counters were made by. */
export const STORE_META = 'store_meta';
export const STORE_COUNTERS = 'store_counters';
export const STORE_REQUESTS = 'store_requests';

export const HEAD_ID = 'log';

/**
 * Every group of commits reads this document first and changes it last. That puts the groups of all processes in one order, so that what a commit expects
 * cannot be changed by another one beside it, and makes positions dense.
 */
export interface HeadDoc {
  readonly _id: typeof HEAD_ID;
  readonly format: number;
  readonly epoch: string;
  readonly head: number;
  readonly floors: Readonly<Record<Retention, number>>;
  /** Of each collection the highest version ever removed. */
  readonly removed: Readonly<Record<string, number>>;
  /** Goes up with every group: a group without events has to change something too. */
  readonly turn: number;
  /** By the id of a committer, which is one per open store: its last attempt, by which an unknown outcome is found out. */
  readonly committers: Readonly<Record<string, { readonly attempt: string; readonly at: Instant }>>;
}

/** Says that a collection's counters are those of these declarations; `_id` is {@link countersId}. */
export interface CountersDoc {
  readonly _id: string;
  readonly fingerprint: string;
}

/** The mark of a copy, see `copy/mark.ts`, as JSON. */
export interface MarkDoc {
  readonly _id: string;
  readonly mark: string;
}

export type MetaDoc = HeadDoc | CountersDoc | MarkDoc;

export const countersId = (collection: string) => `counters.${collection}`;

/** One count; `_id` is made of the rest, see {@link counterRow}. */
export interface CounterDoc {
  readonly _id: string;
  readonly collection: string;
  readonly counter: string;
  readonly group: KeyValue;
  readonly values: readonly KeyValue[];
  readonly count: number;
}

/** A count's identity. @param entry `[group, ...values]` */
export function counterRow(collection: string, counter: string, entry: readonly KeyValue[]): Omit<CounterDoc, 'count'> {
  const [group = '', ...values] = entry;
  return { _id: JSON.stringify([collection, counter, ...entry]), collection, counter, group, values };
}

export interface RequestDoc {
  readonly _id: string;
  readonly caller: string;
  readonly mutation: string;
  readonly key: string;
  readonly hash: string;
  /** As JSON. */
  readonly result: string;
  readonly time: Instant;
}

export const requestId = (caller: string, mutation: string, key: string) => JSON.stringify([caller, mutation, key]);

export function requestDoc(
  { caller, mutation, key, hash }: Omit<RequestRecord, 'result'>,
  result: string,
  time: Instant,
): RequestDoc {
  return { _id: requestId(caller, mutation, key), caller, mutation, key, hash, result, time };
}

/** An event's fields as given, with names fit for the server; the id of the group stands on its first event. */
export type EventDoc = Readonly<Record<string, unknown>> & { readonly _id: number };

/** Cannot be the escaped name of anything. */
const GROUP = '%group';

export function eventDoc(position: number, event: object, group?: string): EventDoc {
  return { _id: position, ...(encodeNames(event) as object), ...(group !== undefined && { [GROUP]: group }) };
}

export function eventOf({ _id, [GROUP]: _group, ...event }: EventDoc): LoggedEvent {
  return { ...(decodeNames(event) as LoggedEvent), position: _id };
}

export function logStateOf({ epoch, head, floors }: HeadDoc): LogState {
  return { epoch, head, floors: { history: floors.history, passing: floors.passing } };
}

/** The collections of one store, with their types. */
export class Collections {
  readonly db: mongo.Db;
  readonly events: mongo.Collection<EventDoc>;
  readonly meta: mongo.Collection<MetaDoc>;
  readonly counters: mongo.Collection<CounterDoc>;
  readonly requests: mongo.Collection<RequestDoc>;

  constructor(db: mongo.Db) {
    this.db = db;
    this.events = db.collection(EVENT_LOG);
    this.meta = db.collection(STORE_META);
    this.counters = db.collection(STORE_COUNTERS);
    this.requests = db.collection(STORE_REQUESTS);
  }
}

/** Names of indexes of the internal collections that programs of the versions before made. */
export const FORMER_INDEXES: Readonly<Record<string, readonly string[]>> = { [EVENT_LOG]: ['entity'] };

/** Indexes of the internal collections. */
export const INTERNAL_INDEXES: Readonly<Record<string, readonly mongo.IndexDescription[]>> = {
  [EVENT_LOG]: [
    // The time comes last: it only answers, without reading the event, whether it was before another.
    { name: 'history', key: { entity: 1, _id: -1, time: 1 } },
    { name: 'passing', key: { retention: 1, _id: 1 }, partialFilterExpression: { retention: 'passing' } },
  ],
  [STORE_META]: [],
  [STORE_COUNTERS]: [{ name: 'group', key: { collection: 1, counter: 1, group: 1 } }],
  [STORE_REQUESTS]: [{ name: 'time', key: { time: 1 } }],
};
