import type { Store } from '@numberyard/kit/storage/port';
import type { AuditRun } from '../domain/audit-run.js';
import { auditRuns } from '../models/audit-runs.js';

/** The run that the same request started before; runs are never deleted. @param result as the request's record keeps it */
export async function earlierRun(store: Store, result: unknown): Promise<AuditRun> {
  const { run: id } = result as { readonly run: string };
  const run = await store.get(auditRuns, id);
  if (!run) throw new Error(`run ${id} of an earlier request is gone`);
  return run;
}
