import type { RequestContext } from '@numberyard/kit/graph/subgraph';
import { mirroredNodes } from '@numberyard/kit/hierarchy/node';
import type { Collection } from '@numberyard/kit/storage/collection';
import { PAGE_LIMIT, type Doc, type Store } from '@numberyard/kit/storage/port';
import DataLoader from 'dataloader';
import type { CommandContext } from '../commands/context.js';
import { lastFindingsOf } from '../commands/last-findings.js';
import type { Finding } from '../domain/finding.js';
import { auditRuns } from '../models/audit-runs.js';
import { findings } from '../models/findings.js';
import { numberServices } from '../models/number-services.js';
import { Allowance } from './allowance.js';

/** What resolvers get: the caller, the commands' tools, and loaders that live as long as the operation. */
export interface OperationContext extends RequestContext {
  readonly commands: CommandContext;
  readonly loaders: Loaders;
  readonly allowance: Allowance;
}

export type Loaders = ReturnType<typeof createLoaders>;

export function createContext(request: RequestContext, commands: CommandContext): OperationContext {
  return { ...request, commands, loaders: createLoaders(commands.store), allowance: new Allowance() };
}

/** Each collects the look-ups of one operation into one read. */
function createLoaders(store: Store) {
  return {
    runs: loader(store, auditRuns),
    findings: loader(store, findings),
    services: loader(store, numberServices),
    nodes: loader(store, mirroredNodes),
    /** By the ids of numbers. */
    lastFindings: new DataLoader<string, Finding | undefined>((numbers) => lastFindingsOf(store, numbers), {
      maxBatchSize: PAGE_LIMIT,
    }),
  };
}

function loader<D extends Doc>(store: Store, collection: Collection<D>): DataLoader<string, D | undefined> {
  return new DataLoader((ids: readonly string[]) => store.getMany(collection, ids), { maxBatchSize: PAGE_LIMIT });
}

/** Forget what was loaded: between two events of a subscription everything may have changed. */
export function refresh({ loaders }: OperationContext): void {
  for (const each of Object.values(loaders)) each.clearAll();
}
