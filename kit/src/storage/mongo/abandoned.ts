/**
 * Transactions whose process was killed. A server keeps such a transaction open until `transactionLifetimeLimitSeconds` are over and it next looks, 60 to
 * 90 seconds as it is delivered, and all that time whoever writes what the dead one wrote gets a conflict. So those who are kept waiting end it.
 */
import { performance } from 'node:perf_hooks';
import type { mongo } from 'mongoose';

/** A transaction in which nothing was asked for so long is abandoned: ours ask one thing right after another. One ended by mistake is tried again. */
const IDLE_MS = 4_000;
/** Pause between two looks, milliseconds; looking is a scan of the server's sessions. */
const LOOK_EVERY_MS = 500;

/** What is read of a session in `$currentOp`. */
interface IdleSession {
  readonly lsid: { readonly id: mongo.UUID };
}

export class AbandonedTransactions {
  readonly #client: mongo.MongoClient;
  #looked = -Infinity;

  /** @param client connected under the name that all processes that write the same database bear, and nobody else */
  constructor(client: mongo.MongoClient) {
    this.#client = client;
  }

  /**
   * End those there are; answers how many. To be called by whoever others are in the way of again and again; looks at most every half second. Needs no
   * role: everybody sees and ends sessions of the own user. @throws what the driver throws
   */
  async end(): Promise<number> {
    const now = performance.now();
    if (now - this.#looked < LOOK_EVERY_MS) return 0;
    this.#looked = now;
    const admin = this.#client.db('admin');
    const idle = await admin
      .aggregate<IdleSession>(
        [
          { $currentOp: { idleSessions: true } },
          {
            $match: {
              type: 'idleSession',
              appName: this.#client.options.appName,
              'transaction.timeInactiveMicros': { $gt: IDLE_MS * 1_000 },
            },
          },
          { $project: { 'lsid.id': 1 } },
        ],
        // What a server does is not told with any other concern.
        { readConcern: { level: 'local' } },
      )
      .toArray();
    if (idle.length > 0) await admin.command({ killSessions: idle.map(({ lsid }) => ({ id: lsid.id })) });
    return idle.length;
  }
}
