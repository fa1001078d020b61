import type { RequestContext } from '@numberyard/kit/graph/subgraph';
import type { Hierarchy } from '@numberyard/kit/hierarchy/hierarchy';
import type { Store } from '@numberyard/kit/storage/port';
import DataLoader from 'dataloader';
import { auditRunsById } from '../commands/audit-runs-by-id.js';
import type { AuditRun } from '../domain/audit-run.js';

/** What the resolvers of one operation have at hand. */
export interface Context extends RequestContext {
  readonly store: Store;
  readonly hierarchy: Hierarchy;
  /** Collects the look-ups of one operation into one read. */
  readonly auditRun: DataLoader<string, AuditRun | undefined>;
}

export function createContext(deps: Pick<Context, 'store' | 'hierarchy'>, request: RequestContext): Context {
  return {
    ...deps,
    ...request,
    auditRun: new DataLoader((ids) => auditRunsById(deps.store, request.identity, ids), { maxBatchSize: 500 }),
  };
}
