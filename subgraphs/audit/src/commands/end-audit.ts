import type { Actor } from '@numberyard/kit/log/event';
import { asRead, type Commit, type Instant } from '@numberyard/kit/storage/port';
import type { ActiveAudit, AuditRun } from '../domain/audit-run.js';
import { activeAudits } from '../models/audit-runs.js';
import { auditRunUpdated } from './run-events.js';

/** What goes with the last save of a run: it frees its customer for the next one. @param run in its final state */
export function endingOf(
  run: AuditRun,
  active: ActiveAudit,
  actor: Actor,
  now: Instant,
): Required<Pick<Commit, 'remove' | 'events'>> {
  return { remove: [asRead(activeAudits, active)], events: [auditRunUpdated(run, 'FINISHED', actor, now)] };
}
