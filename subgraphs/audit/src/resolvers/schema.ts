/** The graph of this subgraph: from it to the commands and back; nothing is decided here. */
import { buildSubgraphSchema } from '@apollo/subgraph';
import { dateTime } from '@numberyard/kit/graph/date-time';
import { guardSchema } from '@numberyard/schema/guard';
import { readSubgraphSdl } from '@numberyard/schema/sdl';
import { parse, type GraphQLSchema } from 'graphql';
import { auditRunResolvers } from './audit-run.js';
import { findingResolvers } from './finding.js';
import { mutations } from './mutations.js';
import { numberServiceMutations, numberServiceQueries, numberServiceResolvers } from './number-service.js';
import { queries } from './queries.js';
import { scheduleResolvers } from './schedule.js';
import { subscriptions } from './subscriptions.js';

export function createSchema(): GraphQLSchema {
  const resolvers = {
    DateTime: dateTime,
    Query: { ...queries, ...numberServiceQueries },
    Mutation: { ...mutations, ...numberServiceMutations },
    Subscription: subscriptions,
    ...auditRunResolvers,
    ...findingResolvers,
    ...scheduleResolvers,
    ...numberServiceResolvers,
  };
  return guardSchema(buildSubgraphSchema([{ typeDefs: parse(readSubgraphSdl('audit')), resolvers }]));
}
