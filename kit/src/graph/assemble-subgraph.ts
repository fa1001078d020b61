/** The part of running a subgraph that is the same for all of them: its health, the start of its workers, and the order of its end. */
import type { GraphQLSchema } from 'graphql';
import type { Store } from '../storage/port.js';
import type { Leases } from '../workers/leases.js';
import type { RequestContext, Subgraph } from './subgraph.js';

/** What runs beside the queries; `Loop` and `Follower` are workers. */
export interface Worker {
  start(): void;
  /** Finish the step under way and stop. */
  drain(): Promise<void>;
  /** The problem that keeps it from going on, if there is one. */
  readonly failing: Error | undefined;
}

export interface SubgraphParts {
  readonly name: string;
  readonly schema: GraphQLSchema;
  /** Closed by `drain`. */
  readonly store: Store;
  /** The leases the workers run under; stopped by `drain`. */
  readonly leases: Leases;
  /** By names for the message of a failing health check. */
  readonly workers: Readonly<Record<string, Worker>>;
  context(request: RequestContext): object;
}

/**
 * Put a subgraph together. It is healthy when its store answers and no worker is failing; it ends by draining the workers side by side, then the leases,
 * then the store, whatever went wrong on the way.
 */
export function assembleSubgraph({ name, schema, store, leases, workers, context }: SubgraphParts): Subgraph {
  return {
    name,
    schema,
    log: store.log,
    context,
    async health() {
      await store.ping();
      const failing = Object.entries(workers).find(([, worker]) => worker.failing);
      if (failing) {
        const [worker, { failing: problem }] = failing;
        throw new Error(`${name}: ${worker} is failing: ${problem?.message}`, { cause: problem });
      }
    },
    async start() {
      for (const worker of Object.values(workers)) worker.start();
    },
    async drain() {
      await Promise.allSettled(Object.values(workers).map((worker) => worker.drain()));
      await leases.stop();
      await store.close();
    },
  };
}
