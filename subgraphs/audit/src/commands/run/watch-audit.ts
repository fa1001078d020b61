import { activeAudits } from '../../models/audit-runs.js';
import type { CommandContext } from '../context.js';
import type { AuditRun } from '../../domain/audit-run.js';
import { AuditCancelled, AuditSuperseded } from './audit-writer.js';

const EVERY = 1_000;

/**
 * While an audit waits for a source that is away, look now and then whether it was cancelled. Ends when `stop` is aborted, by it or by others.
 */
export async function watchAudit(
  { store, clock, logger }: Pick<CommandContext, 'store' | 'clock' | 'logger'>,
  run: Pick<AuditRun, 'id' | 'customer'>,
  stop: AbortController,
): Promise<void> {
  while (!stop.signal.aborted) {
    await clock.sleep(EVERY, stop.signal);
    if (stop.signal.aborted) return;
    try {
      const active = await store.get(activeAudits, run.customer);
      if (active?.run !== run.id) stop.abort(new AuditSuperseded(`audit ${run.id} is no longer run here`));
      else if (active.cancel) stop.abort(new AuditCancelled(`audit ${run.id} was cancelled`));
    } catch (error) {
      logger.warn({ err: error, run: run.id }, 'could not look whether an audit was cancelled');
    }
  }
}
