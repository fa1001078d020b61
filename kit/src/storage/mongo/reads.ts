/** Reading what is committed. */
import type { mongo } from 'mongoose';
import { type Patience, READ_TERM } from './patience.js';

/** Runs reads, again where no primary answers, and never on a state older than this store's own commits or than what the same read saw before. */
export class Reads {
  readonly #client: mongo.MongoClient;
  readonly #patience: Patience;
  #time: mongo.Timestamp | undefined;

  constructor(client: mongo.MongoClient, patience: Patience) {
    this.#client = client;
    this.#patience = patience;
  }

  /** A commit was applied at this time: a new primary may not know at first that it is durable, and must not answer before. */
  notBefore(time: mongo.Timestamp | undefined): void {
    if (time && (!this.#time || time.greaterThan(this.#time))) this.#time = time;
  }

  /** @throws StoreError UNAVAILABLE, or what the driver throws */
  read<T>(ask: (session: mongo.ClientSession) => Promise<T>, term = READ_TERM): Promise<T> {
    return this.#patience.persist(term, async () => {
      const session = this.#client.startSession({ causalConsistency: true });
      try {
        if (this.#time) session.advanceOperationTime(this.#time);
        return await ask(session);
      } finally {
        await session.endSession();
      }
    });
  }
}
