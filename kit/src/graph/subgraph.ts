/** What a subgraph offers to whoever runs it: the single-process launcher or its own server. */
import type { GraphQLSchema } from 'graphql';
import type { Identity } from '../identity/identity.js';
import type { EventLog } from '../log/event.js';
import type { Routes } from '../service/routes.js';

/** One operation's caller. `requestId` goes into every log line and every call outward it leads to. */
export interface RequestContext {
  readonly identity: Identity;
  readonly requestId: string;
}

export interface Subgraph {
  readonly name: string;
  readonly schema: GraphQLSchema;
  /** What it serves beside the graph; none by default. */
  readonly routes?: Routes;
  /** What other subgraphs follow. */
  readonly log: EventLog;
  /** A fresh context value for one operation: the caller, and loaders that live as long as the operation. */
  context(request: RequestContext): object;
  /** Resolves when it can serve; throws an Error whose message says what is wrong. */
  health(): Promise<void>;
  /** Start the worker loops. Queries may be answered before. */
  start(): Promise<void>;
  /** Stop taking work, finish the step under way, give the leases back, close the store. */
  drain(): Promise<void>;
}
