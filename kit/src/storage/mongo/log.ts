/** Reading the event log. */
import type { mongo } from 'mongoose';
import type { EntityRead, EventLog, LogBatch, LoggedEvent, LogRead, LogState } from '../../log/event.js';
import { PAGE_LIMIT, StoreError } from '../port.js';
import type { Doorbell } from './doorbell.js';
import { type Collections, eventOf, HEAD_ID, type HeadDoc, logStateOf } from './layout.js';

/** Reads what is committed, in a session of its own. @throws StoreError, also when the store is closed */
export type Read = <T>(ask: (session: mongo.ClientSession) => Promise<T>) => Promise<T>;

/** Most positions one read walks, so that a rare type cannot hold it for long. */
const WALK = 20_000;

export class MongoLog implements EventLog {
  readonly #collections: Collections;
  readonly #read: Read;
  readonly #doorbell: Doorbell;

  constructor(collections: Collections, read: Read, doorbell: Doorbell) {
    this.#collections = collections;
    this.#read = read;
    this.#doorbell = doorbell;
  }

  async state(): Promise<LogState> {
    return this.#read((session) => this.#state(session));
  }

  async read({ after, types, limit }: LogRead): Promise<LogBatch> {
    checkLimit(limit);
    return this.#read(async (session) => {
      // The head first, and the events not before it: what lies between is there, majority or not.
      const { head } = await this.#state(session);
      const end = Math.min(head, after + WALK);
      if (end <= after) return { events: [], upTo: after };
      const found = await this.#collections.events
        .find({ _id: { $gt: after, $lte: end }, ...ofTypes(types) }, { session, batchSize: limit + 1 })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
      const events = found.map(eventOf);
      return { events, upTo: events.length === limit ? (events.at(-1)?.position ?? end) : end };
    });
  }

  async ofEntity(entity: string, { limit, before, until, types }: EntityRead): Promise<LoggedEvent[]> {
    checkLimit(limit);
    const bounds = {
      entity,
      _id: { $lt: before ?? Number.MAX_SAFE_INTEGER },
      ...(until !== undefined && { time: { $lte: until } }),
    };
    return this.#read(async (session) => {
      const found = await this.#collections.events
        // Named, because a planner that saw two seldom entities may think the order of positions as good.
        .find({ ...bounds, ...ofTypes(types) }, { session, hint: 'history', batchSize: limit + 1 })
        .sort({ _id: -1 })
        .limit(limit)
        .toArray();
      return found.map(eventOf);
    });
  }

  onAppend(listener: () => void): () => void {
    return this.#doorbell.onRing(listener);
  }

  async #state(session: mongo.ClientSession): Promise<LogState> {
    const head = (await this.#collections.meta.findOne({ _id: HEAD_ID }, { session })) as HeadDoc | null;
    if (!head) throw new StoreError('UNAVAILABLE', 'The database was removed while the store was open.');
    return logStateOf(head);
  }
}

function ofTypes(types: readonly string[] | undefined): mongo.Document {
  return types ? { type: { $in: [...types] } } : {};
}

function checkLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_LIMIT) {
    throw new StoreError('INVALID', `A log read is of 1 to ${PAGE_LIMIT} events.`);
  }
}
