import type { Identity } from '@numberyard/kit/identity/identity';
import type { Store } from '@numberyard/kit/storage/port';
import type { AuditRun } from '../domain/audit-run.js';
import { auditRuns } from '../models/audit-runs.js';

/** Audit runs in the order of their ids; one the caller does not see is as if it were not there. */
export async function auditRunsById(
  store: Store,
  identity: Identity,
  ids: readonly string[],
): Promise<(AuditRun | undefined)[]> {
  const found = await store.getMany(auditRuns, ids);
  return found.map((run) => (run?.ancestors.includes(identity.node) ? run : undefined));
}
