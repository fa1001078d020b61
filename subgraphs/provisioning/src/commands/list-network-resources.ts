import { badInput } from '@numberyard/kit/graph/errors';
import { findConnection, type Connection, type PageArguments } from '@numberyard/kit/graph/page';
import type { Hierarchy } from '@numberyard/kit/hierarchy/hierarchy';
import type { Identity } from '@numberyard/kit/identity/identity';
import type { Store } from '@numberyard/kit/storage/port';
import type { NetworkResource } from '../domain/network-resource.js';
import { networkResources } from '../models/network-resources.js';

export interface ListNetworkResources extends PageArguments {
  /** Id of a hierarchy node; the caller's when absent. */
  readonly within?: string | null;
}

/**
 * A page of the network resources at a node and below, in order of their names.
 * @throws GraphQLError BAD_USER_INPUT for a node that is not there or not the caller's to see, which are told apart by nobody
 */
export async function listNetworkResources(
  deps: { readonly store: Store; readonly hierarchy: Hierarchy },
  identity: Identity,
  args: ListNetworkResources,
): Promise<Connection<NetworkResource>> {
  const node = args.within ?? identity.node;
  if (node !== identity.node && !(await deps.hierarchy.visibleNode(node, identity))) {
    throw badInput('within', 'is no hierarchy node at or below yours.');
  }
  const find = { key: 'byNodeAndName', equals: [node] };
  return findConnection(deps.store, networkResources, find, args, (resource) => resource);
}
