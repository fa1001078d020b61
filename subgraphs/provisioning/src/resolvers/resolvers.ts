/** From GraphQL to the commands and back; nothing is decided here. */
import { dateTime } from '@numberyard/kit/graph/date-time';
import { listNetworkResources, type ListNetworkResources } from '../commands/list-network-resources.js';
import type { NetworkResource } from '../domain/network-resource.js';
import type { Context } from './context.js';

export const resolvers = {
  DateTime: dateTime,
  Query: {
    networkResources: (_root: unknown, args: ListNetworkResources, context: Context) =>
      listNetworkResources(context, context.identity, args),
  },
  NetworkResource: {
    hierarchyNode: (resource: NetworkResource) => ({ id: resource.node }),
    __resolveReference: ({ id }: { id: string }, context: Context) => context.networkResource.load(id),
  },
};
