import { decide, type Attempt } from '@numberyard/kit/commands/decide';
import { save } from '@numberyard/kit/storage/port';
import { stopWhenLost, type Lease } from '@numberyard/kit/workers/leases';
import { WAITING, type ActiveAudit, type AuditRun } from '../../domain/audit-run.js';
import { begun } from '../../domain/run-life.js';
import { activeAudits, auditRuns } from '../../models/audit-runs.js';
import { auditActor, nowOf, type CommandContext } from '../context.js';
import { stored } from '../queue-audit.js';
import { auditRunUpdated } from '../run-events.js';

export interface BegunAudit {
  readonly run: AuditRun;
  readonly active: ActiveAudit;
}

/**
 * Take the next audit into a lane. First one that is in this lane already: whoever holds the lane's lease runs nothing in it yet, so that run's process died,
 * and it is gone on with; then the one that waits longest.
 * @returns nothing when there is none
 */
export function beginAudit(context: CommandContext, lane: number, lease: Lease): Promise<BegunAudit | undefined> {
  return decide(context.store, () => takeNext(context, lane, lease), stopWhenLost(lease));
}

async function takeNext(context: CommandContext, lane: number, lease: Lease): Promise<Attempt<BegunAudit | undefined>> {
  const active = await next(context, lane);
  const run = active && (await context.store.get(auditRuns, active.run));
  if (!run) return { value: undefined };
  const now = nowOf(context);
  const started = begun(run, now);
  const taken = { ...active, lane };
  return {
    value: { run: stored(started), active: stored(taken) },
    commit: {
      expect: [lease.fence],
      save: [save(auditRuns, started), save(activeAudits, taken)],
      events: [auditRunUpdated(started, 'PROGRESSED', auditActor, now)],
    },
  };
}

async function next({ store }: CommandContext, lane: number): Promise<ActiveAudit | undefined> {
  for (const at of [lane, WAITING]) {
    const page = await store.find(activeAudits, { key: 'byLane', equals: [at], limit: 1 });
    if (page.items[0]) return page.items[0];
  }
  return undefined;
}
