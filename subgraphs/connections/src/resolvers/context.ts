import type { RequestContext } from '@numberyard/kit/graph/subgraph';
import type { Collection } from '@numberyard/kit/storage/collection';
import { PAGE_LIMIT, type Doc, type Store } from '@numberyard/kit/storage/port';
import DataLoader from 'dataloader';
import type { CommandContext } from '../commands/context.js';
import { connections } from '../models/connections.js';
import { dataSyncs, schedules } from '../models/items.js';
import { syncEffects, syncRuns } from '../models/sync-runs.js';

/** What resolvers get: the caller, the commands' tools, and loaders that live as long as the operation. */
export interface OperationContext extends RequestContext {
  readonly commands: CommandContext;
  readonly loaders: Loaders;
}

export type Loaders = ReturnType<typeof createLoaders>;

export function createContext(request: RequestContext, commands: CommandContext): OperationContext {
  return { ...request, commands, loaders: createLoaders(commands.store) };
}

function createLoaders(store: Store) {
  return {
    connections: loader(store, connections),
    dataSyncs: loader(store, dataSyncs),
    schedules: loader(store, schedules),
    runs: loader(store, syncRuns),
    effects: loader(store, syncEffects),
  };
}

function loader<D extends Doc>(store: Store, collection: Collection<D>): DataLoader<string, D | undefined> {
  return new DataLoader((ids: readonly string[]) => store.getMany(collection, ids), { maxBatchSize: PAGE_LIMIT });
}

/** Forget what was loaded: between two events of a subscription everything may have changed. */
export function refresh({ loaders }: OperationContext): void {
  for (const each of Object.values(loaders)) each.clearAll();
}
