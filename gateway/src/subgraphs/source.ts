/** How the gateway reaches a subgraph; in process today, over HTTP as another implementation. */
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
   * @throws GraphQLError when the subgraph refuses it; `next()` rejects with one when the stream breaks
   */
  subscribe(request: SubgraphRequest): Promise<AsyncIterator<ExecutionResult>>;
}
