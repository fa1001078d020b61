/** How the gateway reaches a subgraph: in its own process, or in another one over HTTP and WebSocket. */
import type { ExecutionResult } from 'graphql';
import type { RequestContext } from '@numberyard/kit/graph/subgraph';

export interface SubgraphRequest {
  /** An operation the query planner made, so one of a bounded set of texts per client operation. */
  readonly query: string;
  readonly operationName?: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: RequestContext;
}

export interface SubgraphSource {
  readonly name: string;
  /** Never rejects: whatever goes wrong is an error in the result. */
  execute(request: SubgraphRequest): Promise<ExecutionResult>;
  /**
   * Open a subscription's stream of results.
   * @throws GraphQLError when the subgraph refuses it; `next()` rejects with one when the stream breaks, and with StreamInterrupted when
   * only the way to the subgraph broke
   */
  subscribe(request: SubgraphRequest): Promise<AsyncIterator<ExecutionResult>>;
  /** The cursor of this moment, for streams that have to be opened again; absent where streams do not get interrupted. */
  position?(requestId: string): Promise<string | undefined>;
  /** Let go of what it holds open. */
  close(): Promise<void>;
}
