/** The graph of this subgraph: from it to the commands and back; nothing is decided here. */
import { buildSubgraphSchema } from '@apollo/subgraph';
import { dateTime } from '@numberyard/kit/graph/date-time';
import { guardSchema } from '@numberyard/schema/guard';
import { readSubgraphSdl } from '@numberyard/schema/sdl';
import { parse, type GraphQLSchema } from 'graphql';
import { auditRunResolvers } from './audit-run.js';
import type { OperationContext } from './context.js';
import { findingResolvers } from './finding.js';
import { mutations } from './mutations.js';
import { queries } from './queries.js';
import { scheduleResolvers } from './schedule.js';
import { subscriptions } from './subscriptions.js';
import { loadService } from './views.js';

export function createSchema(): GraphQLSchema {
  const resolvers = {
    DateTime: dateTime,
    Query: queries,
    Mutation: mutations,
    Subscription: subscriptions,
    ...auditRunResolvers,
    ...findingResolvers,
    ...scheduleResolvers,
    NumberService: {
      __resolveReference: ({ id }: { id: string }, context: OperationContext) => loadService(id, context),
    },
  };
  return guardSchema(buildSubgraphSchema([{ typeDefs: parse(readSubgraphSdl('audit')), resolvers }]));
}
