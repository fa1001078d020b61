/** The executable schema of this subgraph. */
import { buildSubgraphSchema } from '@apollo/subgraph';
import { dateTime } from '@numberyard/kit/graph/date-time';
import { guardSchema } from '@numberyard/schema/guard';
import { readSubgraphSdl } from '@numberyard/schema/sdl';
import { parse, type GraphQLSchema } from 'graphql';
import { apiKeyResolvers } from './api-key.js';
import { coolingSettingsResolvers } from './cooling-settings.js';
import { hierarchyNodeResolvers } from './hierarchy-node.js';
import { liveResolvers } from './live.js';
import { macroResolvers } from './macro.js';
import { numberResolvers } from './number.js';
import { numberHistoryResolvers } from './number-history.js';

const resolvers = {
  ...numberResolvers,
  ...hierarchyNodeResolvers,
  ...macroResolvers,
  ...coolingSettingsResolvers,
  ...apiKeyResolvers,
  ...liveResolvers,
  ...numberHistoryResolvers,
  InventoryNumber: { ...numberResolvers.InventoryNumber, ...numberHistoryResolvers.InventoryNumber },
  DateTime: dateTime,
  Query: {
    ...numberResolvers.Query,
    ...hierarchyNodeResolvers.Query,
    ...macroResolvers.Query,
    ...coolingSettingsResolvers.Query,
    ...apiKeyResolvers.Query,
  },
  Mutation: {
    ...numberResolvers.Mutation,
    ...hierarchyNodeResolvers.Mutation,
    ...macroResolvers.Mutation,
    ...coolingSettingsResolvers.Mutation,
    ...apiKeyResolvers.Mutation,
  },
};

export function createSchema(): GraphQLSchema {
  const typeDefs = parse(readSubgraphSdl('number-inventory'));
  // Its type knows no context but `unknown`, to which no resolver with a context fits.
  return guardSchema(buildSubgraphSchema({ typeDefs, resolvers } as Parameters<typeof buildSubgraphSchema>[0]));
}
