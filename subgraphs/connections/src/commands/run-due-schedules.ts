import { fromInstant } from '@numberyard/kit/clock/clock';
import { decide } from '@numberyard/kit/commands/decide';
import { save, type Commit, type Instant } from '@numberyard/kit/storage/port';
import { stopWhenLost, type Lease } from '@numberyard/kit/workers/leases';
import { dataSyncId, type Schedule } from '../domain/items.js';
import { nextDue } from '../domain/timing.js';
import { connections } from '../models/connections.js';
import { dataSyncs, schedules } from '../models/items.js';
import { activeRuns } from '../models/sync-runs.js';
import { nowOf, scheduleActor, type CommandContext } from './context.js';
import { queueRun } from './queue-run.js';

const AT_ONCE = 100;

/**
 * Queue a run for every schedule that is due: one each, however many of its times have passed since, and move it to its next time after now.
 * @returns milliseconds until the next schedule is due; nothing when none is
 */
export async function runDueSchedules(context: CommandContext, lease: Lease): Promise<number | undefined> {
  for (;;) {
    const page = await context.store.find(schedules, { key: 'byNextRun', limit: AT_ONCE });
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
  const result = await decide<'QUEUED' | 'SKIPPED' | 'NOT_DUE'>(
    store,
    async () => {
      const schedule = await store.get(schedules, id);
      const now = nowOf(context);
      // Changed or removed since it was found.
      if (!schedule?.nextRunAt || schedule.nextRunAt > now) return { value: 'NOT_DUE' };
      const run = await queueDue(context, schedule, now);
      return {
        value: run ? 'QUEUED' : 'SKIPPED',
        commit: {
          expect: [lease.fence],
          save: [save(schedules, moved(schedule, now, run !== undefined)), ...(run?.save ?? [])],
          events: run?.events ?? [],
        },
      };
    },
    stopWhenLost(lease),
  );
  if (result === 'QUEUED') context.bells.runQueued();
}

/** The schedule at its next time; one whose expression is never reached again rests. */
function moved(schedule: Schedule, now: Instant, ran: boolean): Schedule {
  const { nextRunAt: _due, ...rest } = schedule;
  const nextRunAt = nextDue(schedule.cron, schedule.timeZone, fromInstant(now));
  return { ...rest, ...(ran ? { lastRunAt: now } : {}), ...(nextRunAt ? { nextRunAt } : {}) };
}

/** What queues the run; nothing when it is to be left out this time. */
async function queueDue(
  { store, logger }: CommandContext,
  schedule: Schedule,
  now: Instant,
): Promise<Required<Pick<Commit, 'save' | 'events'>> | undefined> {
  const about = { schedule: schedule.id, connection: schedule.connection };
  const connection = await store.get(connections, schedule.connection);
  const dataSync = await store.get(dataSyncs, dataSyncId(schedule.connection, 'SYNC'));
  if (!connection || !dataSync?.enabled) {
    logger.info(about, 'a schedule is due and its data sync is disabled; nothing runs');
    return undefined;
  }
  if (await store.get(activeRuns, connection.id)) {
    logger.info(about, 'a schedule is due and the connection has a run that has not ended; left out this time');
    return undefined;
  }
  const queue = queueRun(connection, 'SYNC', 'SCHEDULE', { actor: scheduleActor, time: now });
  return { save: [save(connections, queue.connection), ...queue.commit.save], events: queue.commit.events };
}
