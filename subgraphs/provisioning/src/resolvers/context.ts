import type { RequestContext } from '@numberyard/kit/graph/subgraph';
import type { Hierarchy } from '@numberyard/kit/hierarchy/hierarchy';
import type { Store } from '@numberyard/kit/storage/port';
import DataLoader from 'dataloader';
import { networkResourcesById } from '../commands/network-resources-by-id.js';
import type { NetworkResource } from '../domain/network-resource.js';

/** What the resolvers of one operation have at hand. */
export interface Context extends RequestContext {
  readonly store: Store;
  readonly hierarchy: Hierarchy;
  /** Collects the references of one operation into one read. */
  readonly networkResource: DataLoader<string, NetworkResource | undefined>;
}

export function createContext(deps: Pick<Context, 'store' | 'hierarchy'>, request: RequestContext): Context {
  return {
    ...deps,
    ...request,
    networkResource: new DataLoader((ids) => networkResourcesById(deps.store, request.identity, ids), {
      maxBatchSize: 500,
    }),
  };
}
