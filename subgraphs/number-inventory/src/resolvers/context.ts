/** What the resolvers of one operation share: the caller and its loaders. */
import type { Identity } from '@numberyard/kit/identity/identity';
import type { Store } from '@numberyard/kit/storage/port';
import DataLoader from 'dataloader';
import type { Caller, Deps } from '../commands/context.js';
import { nodeFor, visibleNumbers } from '../commands/visible.js';
import { dialPlanOf, type DialPlan, type HierarchyNode, type ShortNode } from '../domain/hierarchy.js';
import { nodes } from '../models/node.js';
import type { NumberDoc } from '../models/number.js';

export interface GraphContext extends Caller {
  readonly deps: Deps;
  /** By id, as far as the caller may see them. */
  readonly numbers: DataLoader<string, NumberDoc | undefined>;
  readonly nodes: DataLoader<string, HierarchyNode | ShortNode | undefined>;
  /** By the ids of customers, whoever asks: what a site tells of itself depends on it. */
  readonly dialPlans: DataLoader<string, DialPlan | undefined>;
}

export function createContext(deps: Deps, { identity, requestId }: Caller): GraphContext {
  return {
    deps,
    identity,
    requestId,
    numbers: batched((ids) => visibleNumbers(deps.store, identity, ids)),
    nodes: batched((ids) => nodesFor(deps.store, identity, ids)),
    dialPlans: batched(async (ids) => (await deps.store.getMany(nodes, ids)).map((node) => node && dialPlanOf(node))),
  };
}

async function nodesFor(store: Store, identity: Identity, ids: readonly string[]) {
  return (await store.getMany(nodes, ids)).map((node) => nodeFor(identity, node));
}

/**
 * A loader that batches and does not remember: a subscription's context lives for all its events, and each event has to see the state as it is then.
 * Ids asked for twice at once are still read once.
 */
function batched<T>(read: (ids: readonly string[]) => Promise<(T | undefined)[]>): DataLoader<string, T | undefined> {
  const load = async (ids: readonly string[]) => {
    const distinct = [...new Set(ids)];
    const found = await read(distinct);
    const byId = new Map(distinct.map((id, index) => [id, found[index]]));
    return ids.map((id) => byId.get(id));
  };
  return new DataLoader(load, { cache: false, maxBatchSize: 1000 });
}
