import { buildSubgraphSchema } from '@apollo/subgraph';
import { dateTime } from '@numberyard/kit/graph/date-time';
import { guardSchema } from '@numberyard/schema/guard';
import { readSubgraphSdl } from '@numberyard/schema/sdl';
import { parse, type GraphQLSchema } from 'graphql';
import { connectionResolvers } from './connection.js';
import { mutations } from './mutations.js';
import { queries } from './queries.js';
import { subscriptions } from './subscriptions.js';
import { syncRunResolvers } from './sync-run.js';

export function createSchema(): GraphQLSchema {
  const resolvers = {
    DateTime: dateTime,
    Query: queries,
    Mutation: mutations,
    Subscription: subscriptions,
    ...connectionResolvers,
    ...syncRunResolvers,
  };
  return guardSchema(buildSubgraphSchema([{ typeDefs: parse(readSubgraphSdl('connections')), resolvers }]));
}
