import type { Identity } from '@numberyard/kit/identity/identity';
import type { Store } from '@numberyard/kit/storage/port';
import type { NetworkResource } from '../domain/network-resource.js';
import { networkResources } from '../models/network-resources.js';

/** Network resources in the order of their ids; one the caller does not see is as if it were not there. */
export async function networkResourcesById(
  store: Store,
  identity: Identity,
  ids: readonly string[],
): Promise<(NetworkResource | undefined)[]> {
  const found = await store.getMany(networkResources, ids);
  return found.map((resource) => (resource?.ancestors.includes(identity.node) ? resource : undefined));
}
