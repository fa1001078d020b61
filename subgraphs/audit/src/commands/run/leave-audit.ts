/** The last write of a run in its lane, for each way it can leave. */
import { save } from '@numberyard/kit/storage/port';
import { WAITING, type AuditError, type AuditRun } from '../../domain/audit-run.js';
import { cancelled, failed, putBack, succeeded } from '../../domain/run-life.js';
import { activeAudits } from '../../models/audit-runs.js';
import { auditActor, nowOf, type CommandContext } from '../context.js';
import { endingOf } from '../end-audit.js';
import { auditRunUpdated } from '../run-events.js';
import type { AuditJob } from './audit-job.js';

type Leaving = Pick<AuditJob, 'context' | 'writer'>;

export function leaveDone(leaving: Leaving): Promise<void> {
  return leaveEnded(leaving, succeeded, true);
}

/** @throws AuditCancelled when it was cancelled in the same moment */
export function leaveFailed(leaving: Leaving, error: AuditError): Promise<void> {
  return leaveEnded(leaving, (run, now) => failed(run, now, error), true);
}

export function leaveCancelled(leaving: Leaving): Promise<void> {
  return leaveEnded(leaving, cancelled, false);
}

/** The process ends in an orderly way: the next one finds the run in the queue. */
export function leaveForLater({ context, writer }: Leaving): Promise<void> {
  return writer.leave((run, active) => {
    const next = putBack(run);
    const events = [auditRunUpdated(next, 'PROGRESSED', auditActor, nowOf(context))];
    return { next, commit: { save: [save(activeAudits, { ...active, lane: WAITING })], events } };
  }, false);
}

function leaveEnded(
  { context, writer }: { readonly context: CommandContext; readonly writer: AuditJob['writer'] },
  end: (run: AuditRun, now: string) => AuditRun,
  heedsCancel: boolean,
): Promise<void> {
  return writer.leave((run, active) => {
    const now = nowOf(context);
    const next = end(run, now);
    return { next, commit: endingOf(next, active, auditActor, now) };
  }, heedsCancel);
}
