/** A subgraph source in the shape Apollo's executor calls. */
import type { GraphQLDataSource, GraphQLDataSourceProcessOptions } from '@apollo/gateway';
import type { ExecutionResult } from 'graphql';
import type { RequestContext } from '@numberyard/kit/graph/subgraph';
import type { SubgraphSource } from './source.js';

type SubgraphResponse = Awaited<ReturnType<GraphQLDataSource['process']>>;

export function dataSourceFor(source: SubgraphSource): GraphQLDataSource {
  return {
    process: async (options) => {
      const { query, operationName, variables } = options.request;
      return toResponse(
        await source.execute({
          query: query ?? '',
          operationName,
          variables: variables ?? {},
          context: contextOf(options, source.name),
        }),
      );
    },
  };
}

/** Apollo types its response for what came over the wire; errors and data are the same objects here. */
export function toResponse(result: ExecutionResult): SubgraphResponse {
  return {
    ...(result.data === undefined ? {} : { data: result.data }),
    ...(result.errors ? { errors: result.errors } : {}),
  };
}

function contextOf(options: GraphQLDataSourceProcessOptions, name: string): RequestContext {
  const context = options.context as Partial<RequestContext>;
  if (!context.identity || context.requestId === undefined) throw new Error(`A sub-query to ${name} without a caller.`);
  return { identity: context.identity, requestId: context.requestId };
}
