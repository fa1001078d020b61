/**
 * Transactions whose process was killed. A server keeps such a transaction open until `transactionLifetimeLimitSeconds` are over and it next looks, 60 to
 * 90 seconds as it is delivered, and all that time whoever writes what the dead one wrote gets a conflict. So those who are kept waiting end it.
 */
import { performance } from 'node:perf_hooks';
import type { mongo } from 'mongoose';

/** A killed process's connections are gone with it; one that is only about to ask on has one. */
const WITHOUT_CONNECTION_MS = 200;
/** A machine that is gone, or a process that stands still, keeps its connections. One ended by mistake is tried again by its owner. */
const IDLE_MS = 8_000;
/** Pause between two looks, milliseconds; looking is a scan of the server's sessions and connections. */
const LOOK_EVERY_MS = 300;

/** What is read of an entry in `$currentOp`: of a session without an operation, or of a connection. */
interface Entry {
  readonly type: string;
  readonly appName?: string;
  readonly connectionId?: number;
  readonly lsid?: { readonly id: mongo.UUID };
  readonly transaction?: { readonly timeInactiveMicros: number | mongo.Long };
}

export class AbandonedTransactions {
  readonly #client: mongo.MongoClient;
  #looked = -Infinity;

  /** @param client connected under the name that all processes that write the same database bear, and nobody else */
  constructor(client: mongo.MongoClient) {
    this.#client = client;
  }

  /**
   * End those there are; answers how many. To be called by whoever others are in the way of again and again; looks at most three times a second. Needs no
   * role: everybody sees and ends sessions of the own user. @throws what the driver throws
   */
  async end(): Promise<number> {
    const now = performance.now();
    if (now - this.#looked < LOOK_EVERY_MS) return 0;
    this.#looked = now;
    const admin = this.#client.db('admin');
    const entries = await admin
      .aggregate<Entry>(
        [
          { $currentOp: { idleSessions: true, idleConnections: true } },
          { $project: { type: 1, appName: 1, connectionId: 1, 'lsid.id': 1, 'transaction.timeInactiveMicros': 1 } },
        ],
        // What a server does is not told with any other concern.
        { readConcern: { level: 'local' } },
      )
      .toArray();
    const abandoned = abandonedOf(entries, this.#client.options.appName);
    if (abandoned.length > 0) await admin.command({ killSessions: abandoned.map((id) => ({ id })) });
    return abandoned.length;
  }
}

/** Ids of the sessions. A session names the connection it was last used on. */
function abandonedOf(entries: readonly Entry[], appName: string | undefined): mongo.UUID[] {
  const isSession = ({ type }: Entry) => type === 'idleSession';
  const connections = new Set(entries.filter((entry) => !isSession(entry)).map(({ connectionId }) => connectionId));
  return entries.filter(isSession).flatMap((session) => {
    const { lsid, transaction, connectionId } = session;
    if (!lsid || !transaction || session.appName !== appName) return [];
    const idleMs = Number(transaction.timeInactiveMicros) / 1_000;
    const isAbandoned = idleMs > (connections.has(connectionId) ? IDLE_MS : WITHOUT_CONNECTION_MS);
    return isAbandoned ? [lsid.id] : [];
  });
}
