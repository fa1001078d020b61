/** What the bench of the engines does, whoever does it: an engine behind the storage port, or the driver below it used by hand. */
import type { NewEvent } from '@numberyard/kit/log/event';
import { defineCollection } from '@numberyard/kit/storage/collection';
import type { Doc, Instant } from '@numberyard/kit/storage/port';
import { Schema } from 'mongoose';

/** A small document with what an inventory's documents have: a unique key, and an order it is listed in. */
export interface Item extends Doc {
  readonly owner: string;
  readonly number: string;
  readonly status: 'AVAILABLE' | 'USED';
  readonly description: string;
  readonly since: Instant;
}

export const items = defineCollection<Item>({
  name: 'items',
  schema: new Schema({
    owner: { type: String, required: true },
    number: { type: String, required: true },
    status: { type: String, required: true, enum: ['AVAILABLE', 'USED'] },
    description: String,
    since: { type: String, required: true },
  }),
  keys: { byNumber: { paths: ['number'], unique: true }, byStatus: { paths: ['owner', 'status', 'number'] } },
});

/** A document as it was read (version 0: not stored yet) but for what changes, and the event that tells of it. */
export interface Unit {
  readonly doc: Item;
  readonly event: NewEvent;
}

/** Documents of a page. */
export const PAGE = 100;

export interface Subject {
  /** For the table, e.g. `raw SQLite`. */
  readonly name: string;
  /** Resolves when all of them are durable, together. `bulk`: the documents are known to be right. */
  write(units: readonly Unit[], bulk?: boolean): Promise<void>;
  byId(id: string): Promise<Item | undefined>;
  byNumber(number: string): Promise<Item | undefined>;
  /** The {@link PAGE} documents after this one among those of its owner and status, by number. */
  pageAfter(item: Item): Promise<readonly Item[]>;
  /** Be told of every event from now on, on MongoDB over connections of its own. Resolves, once that has begun, to what ends it. */
  follow(told: (event: Pick<NewEvent, 'entity'>) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

const OWNERS = 20;

/** A new document, the `index`th. Ids come in no order, as Numberyard's do, but for less than random ones cost, which would be measured too. */
export function newItem(index: number): Item {
  return {
    id: ((index * 2_654_435_761) % 4_294_967_296).toString(16).padStart(16, '0'),
    version: 0,
    owner: `owner-${index % OWNERS}`,
    number: `+49${1_000_000_000 + index}`,
    status: 'AVAILABLE',
    description: 'Reception, second floor',
    since: new Date().toISOString(),
  };
}

export function unitOf(doc: Item): Unit {
  const event: NewEvent = {
    type: doc.version === 0 ? 'itemAdded' : 'itemChanged',
    retention: 'history',
    entity: `item:${doc.id}`,
    path: `root.${doc.owner}`,
    actor: { type: 'WORKER', id: 'bench' },
    time: doc.since,
    fields: { number: doc.number, status: doc.status },
  };
  return { doc, event };
}
