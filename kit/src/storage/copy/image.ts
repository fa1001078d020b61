/**
 * A store as plain rows, the same of every engine: what backup, restore and transfer read and write.
 *
 * Leases and heartbeats are never part of it: they belong to processes, and those of the copy are others. Keys and counters are not either, because every
 * engine makes them of the documents.
 */
import type { LoggedEvent, Retention } from '../../log/event.js';
import { holders, leases } from '../../workers/collections.js';
import type { Doc, Instant, RequestRecord } from '../port.js';

/** What a store knows about itself besides its rows. */
export interface StoreFacts {
  readonly epoch: string;
  readonly head: number;
  readonly floors: Readonly<Record<Retention, number>>;
  /**
   * Of each collection the highest version ever removed. For one that is not copied it covers the versions that stay behind too, so that a fence of a lease
   * held before the copy never comes back.
   */
  readonly removed: Readonly<Record<string, number>>;
}

/** Rows are read and written in this order; within `documents`, collection by collection. */
export type Part =
  | { readonly kind: 'documents'; readonly collection: string }
  | { readonly kind: 'log' }
  | { readonly kind: 'requests' };

/** A request record and when it was made. */
export interface RequestRow extends RequestRecord {
  readonly time: Instant;
}

/** Plain JSON; of what kind, its part tells. */
export type Row = Doc | LoggedEvent | RequestRow;

/** What a part is ordered by: a document's id, in the order of its UTF-8 bytes, or an event's position. */
export type RowKey = string | number;

export interface Batch {
  readonly part: Part;
  /** Possibly none: then the part is empty. */
  readonly rows: readonly Row[];
}

/** Where to begin in a part: at its first row (`undefined`), after a key, or not at all. */
export type Start = { readonly after: RowKey } | 'SKIP' | undefined;

/** One state of a store that does not change while it is read. */
export interface StoreImage {
  /** Name of the owning subgraph. */
  readonly name: string;
  facts(): Promise<StoreFacts>;
  /**
   * All rows, part by part and in the order of their keys (requests in any), in batches of at most {@link BATCH_ROWS} rows. Every part comes at least once.
   * @param start asked once per part, before its first batch
   */
  batches(start?: (part: Part) => Promise<Start> | Start): AsyncIterable<Batch>;
  close(): Promise<void>;
}

export const BATCH_ROWS = 1_000;
/** Characters of JSON after which a batch is cut, so that large documents do not add up. */
export const BATCH_SIZE = 2_000_000;

/** Collections that are never copied. */
const LEFT_BEHIND: readonly string[] = [leases.name, holders.name];

export function isCopied(collection: string): boolean {
  return !LEFT_BEHIND.includes(collection);
}

/** Name of a part in manifests and messages, e.g. `numbers`, `(log)`. Collections have no brackets in their names. */
export function partName(part: Part): string {
  return part.kind === 'documents' ? part.collection : `(${part.kind})`;
}

/** The key a row is ordered by; `undefined` for requests, which are few and written again from the first. */
export function rowKey(part: Part, row: Row): RowKey | undefined {
  if (part.kind === 'documents') return (row as Doc).id;
  return part.kind === 'log' ? (row as LoggedEvent).position : undefined;
}

/** The database could not keep the state of an image long enough; another way of reading it may do. */
export class SnapshotLostError extends Error {
  constructor(store: string, cause: unknown) {
    super(`the snapshot of ${store} was ended by the database`, { cause });
    this.name = 'SnapshotLostError';
  }
}
