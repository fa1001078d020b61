/** The executable schema of this subgraph. */
import { buildSubgraphSchema } from '@apollo/subgraph';
import { dateTime } from '@numberyard/kit/graph/date-time';
import { readSubgraphSdl } from '@numberyard/schema/sdl';
import { parse, type GraphQLSchema } from 'graphql';
import { apiKeyResolvers } from './api-key.js';
import { hierarchyNodeResolvers } from './hierarchy-node.js';
import { liveResolvers } from './live.js';
import { macroResolvers } from './macro.js';
import { numberResolvers } from './number.js';

const nouns = [numberResolvers, hierarchyNodeResolvers, macroResolvers, apiKeyResolvers] as const;

export function createSchema(): GraphQLSchema {
  const resolvers = {
    ...Object.assign({}, ...nouns),
    ...liveResolvers,
    DateTime: dateTime,
    Query: Object.assign({}, ...nouns.map((noun) => noun.Query)),
    Mutation: Object.assign({}, ...nouns.map((noun) => noun.Mutation)),
  };
  return buildSubgraphSchema({ typeDefs: parse(readSubgraphSdl('number-inventory')), resolvers });
}
