import { fromInstant } from '@numberyard/kit/clock/clock';
import { decide } from '@numberyard/kit/commands/decide';
import { nextDue } from '@numberyard/kit/schedule/timing';
import { save, type Commit, type Instant } from '@numberyard/kit/storage/port';
import { stopWhenLost, type Lease } from '@numberyard/kit/workers/leases';
import type { AudioCodesConnection } from '../domain/connection.js';
import { dataSyncId, type Schedule } from '../domain/items.js';
import { leftOut } from '../domain/run.js';
import { connections } from '../models/connections.js';
import { dataSyncs, schedules } from '../models/items.js';
import { activeRuns, syncRuns } from '../models/sync-runs.js';
import { connectionSaved } from './connection-events.js';
import { nowOf, scheduleActor, type CommandContext } from './context.js';
import { queueRun } from './queue-run.js';
import { isAtRetiredNode } from './retired-node.js';
import { runUpdated } from './run-events.js';

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
      const connection = await store.get(connections, schedule.connection);
      if (connection && (await isAtRetiredNode(store, connection)))
        return { value: 'SKIPPED', commit: { expect: [lease.fence], ...disabled(connection, schedule, now) } };
      const { queued, commit: run } = await queueDue(context, connection, schedule, now);
      return {
        value: queued ? 'QUEUED' : 'SKIPPED',
        commit: {
          expect: [lease.fence],
          save: [save(schedules, moved(schedule, now, queued)), ...(run?.save ?? [])],
          events: run?.events ?? [],
        },
      };
    },
    stopWhenLost(lease),
  );
  if (result === 'QUEUED') context.bells.runQueued();
}

/** The schedule of a connection whose node was retired comes to an end when it is due next. */
function disabled(connection: AudioCodesConnection, { nextRunAt: _due, ...schedule }: Schedule, time: Instant): Commit {
  return {
    save: [save(schedules, { ...schedule, enabled: false })],
    events: [connectionSaved(connection, ['schedule.enabled'], { actor: scheduleActor, time })],
  };
}

/** The schedule at its next time; one whose expression is never reached again rests. */
function moved(schedule: Schedule, now: Instant, ran: boolean): Schedule {
  const { nextRunAt: _due, ...rest } = schedule;
  const nextRunAt = nextDue(schedule.cron, schedule.timeZone, fromInstant(now));
  return { ...rest, ...(ran ? { lastRunAt: now } : {}), ...(nextRunAt ? { nextRunAt } : {}) };
}

interface Due {
  readonly queued: boolean;
  readonly commit?: Required<Pick<Commit, 'save' | 'events'>>;
}

/** What queues the run. One that another run keeps from being queued is told as a run that was left out; its connection's last run stays the other one. */
async function queueDue(
  { store, logger }: CommandContext,
  connection: AudioCodesConnection | undefined,
  schedule: Schedule,
  now: Instant,
): Promise<Due> {
  const about = { schedule: schedule.id, connection: schedule.connection };
  const dataSync = await store.get(dataSyncs, dataSyncId(schedule.connection, 'SYNC'));
  if (!connection || !dataSync?.enabled) {
    logger.info(about, 'a schedule is due and its data sync is disabled; nothing runs');
    return { queued: false };
  }
  const queue = queueRun(connection, 'SYNC', 'SCHEDULE', { actor: scheduleActor, time: now });
  if (await store.get(activeRuns, connection.id)) {
    logger.info(about, 'a schedule is due and the connection has a run that has not ended; left out this time');
    const run = leftOut(queue.run, now);
    const commit = { save: [save(syncRuns, run)], events: [runUpdated(run, 'FINISHED', scheduleActor, now)] };
    return { queued: false, commit };
  }
  const commit = { save: [save(connections, queue.connection), ...queue.commit.save], events: queue.commit.events };
  return { queued: true, commit };
}
