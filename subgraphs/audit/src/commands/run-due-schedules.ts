import { fromInstant } from '@numberyard/kit/clock/clock';
import { decide } from '@numberyard/kit/commands/decide';
import { nextDue } from '@numberyard/kit/schedule/timing';
import { save, type Instant } from '@numberyard/kit/storage/port';
import { stopWhenLost, type Lease } from '@numberyard/kit/workers/leases';
import type { AuditSchedule } from '../domain/schedule.js';
import { activeAudits } from '../models/audit-runs.js';
import { auditSchedules } from '../models/audit-schedules.js';
import { nowOf, scheduleActor, type CommandContext } from './context.js';
import { leaveOutAudit, queueAudit } from './queue-audit.js';

const AT_ONCE = 100;
/** Who started it, as the run tells it. */
const STARTED_BY = 'the schedule';

/**
 * Queue an audit for every schedule that is due: one each, however many of its times have passed since, and move it to its next time after now. Of a customer
 * that has an audit the new one is left out and told; that of a retired one is switched off.
 * @returns milliseconds until the next schedule is due; nothing when none is
 */
export async function runDueSchedules(context: CommandContext, lease: Lease): Promise<number | undefined> {
  for (;;) {
    const page = await context.store.find(auditSchedules, { key: 'byNextRun', limit: AT_ONCE });
    for (const schedule of page.items) {
      const wait = fromInstant(schedule.nextRunAt ?? nowOf(context)) - context.clock.now();
      if (wait > 0) return wait;
      await runSchedule(context, schedule.id, lease);
    }
    if (page.items.length === 0) return undefined;
  }
}

async function runSchedule(context: CommandContext, id: string, lease: Lease): Promise<void> {
  const { store } = context;
  const isQueued = await decide<boolean>(
    store,
    async () => {
      const schedule = await store.get(auditSchedules, id);
      const now = nowOf(context);
      // Changed since it was found.
      if (!schedule?.nextRunAt || schedule.nextRunAt > now) return { value: false };
      // Nobody could start one by hand either.
      if ((await context.hierarchy.node(id))?.retired) {
        const { nextRunAt: _due, ...rest } = schedule;
        const off = save(auditSchedules, { ...rest, enabled: false });
        return { value: false, commit: { expect: [lease.fence], save: [off] } };
      }
      const isFree = (await store.get(activeAudits, id)) === undefined;
      const { commit } = (isFree ? queueAudit : leaveOutAudit)(wantedBy(schedule, now));
      const moved = save(auditSchedules, atNextTime(schedule, now, isFree));
      return {
        value: isFree,
        commit: { expect: [lease.fence], save: [moved, ...commit.save], events: commit.events },
      };
    },
    stopWhenLost(lease),
  );
  if (isQueued) context.bells.runQueued();
}

function wantedBy({ id: customer, path, level, sites, dryRun }: AuditSchedule, time: Instant) {
  const asked = { customer, path, level, sites, dryRun, trigger: 'SCHEDULE', startedBy: STARTED_BY } as const;
  return { ...asked, actor: scheduleActor, time };
}

/** One whose expression is never reached again rests. */
function atNextTime(schedule: AuditSchedule, now: Instant, ran: boolean): AuditSchedule {
  const { nextRunAt: _due, ...rest } = schedule;
  const nextRunAt = nextDue(schedule.cron, schedule.timeZone, fromInstant(now));
  return { ...rest, ...(ran && { lastRunAt: now }), ...(nextRunAt !== undefined && { nextRunAt }) };
}
