/** The part of running a subgraph that is the same for all of them: its health, the start of its workers, and the order of its end. */
import type { GraphQLSchema } from 'graphql';
import { ServiceError } from '../service/service-client.js';
import type { Routes } from '../service/routes.js';
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
  readonly routes?: Routes;
  context(request: RequestContext): object;
}

/**
 * Put a subgraph together. It is healthy when its store answers and no worker is failing, but for want of another service: subgraphs follow each other, and
 * one that is away must not take all the others out of service with it. It ends by draining the workers side by side, then the leases,
 * then the store, whatever went wrong on the way.
 */
export function assembleSubgraph({ name, schema, store, leases, workers, routes, context }: SubgraphParts): Subgraph {
  return {
    name,
    schema,
    log: store.log,
    ...(routes && { routes }),
    context,
    async health() {
      await store.ping();
      for (const [worker, { failing }] of Object.entries(workers)) {
        if (failing && !isAboutServiceAway(failing))
          throw new Error(`${name}: ${worker} is failing: ${failing.message}`, { cause: failing });
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

/** Whether it is, or was caused by, another service that cannot be reached. */
function isAboutServiceAway(problem: Error): boolean {
  if (problem instanceof ServiceError) return problem.code === 'UNAVAILABLE';
  return problem.cause instanceof Error && isAboutServiceAway(problem.cause);
}
