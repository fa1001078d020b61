import { isWithin, type Identity } from '@numberyard/kit/identity/identity';
import type { Store } from '@numberyard/kit/storage/port';
import type { AuditRun } from '../domain/audit-run.js';
import { auditRuns } from '../models/audit-runs.js';

/** A run of a customer at the caller's node or below. */
export async function findAuditRun(store: Store, identity: Identity, id: string): Promise<AuditRun | undefined> {
  const run = await store.get(auditRuns, id);
  return run && isWithin(run.path, identity.path) ? run : undefined;
}
