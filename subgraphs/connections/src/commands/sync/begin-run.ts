import { decide, type Attempt } from '@numberyard/kit/commands/decide';
import { save } from '@numberyard/kit/storage/port';
import { stopWhenLost, type Lease } from '@numberyard/kit/workers/leases';
import { begun, cancelled, failed, MOST_ATTEMPTS, WAITING, type ActiveRun, type SyncRun } from '../../domain/run.js';
import { activeRuns, syncRuns } from '../../models/sync-runs.js';
import { nowOf, syncActor, type CommandContext } from '../context.js';
import { endingOf } from '../end-run.js';
import { stored } from '../queue-run.js';
import { runUpdated } from '../run-events.js';

export interface BegunRun {
  readonly run: SyncRun;
  readonly active: ActiveRun;
}

/**
 * Take the next run into a lane. First one that is in this lane already: whoever holds the lane's lease runs nothing in it yet, so that run's process died,
 * and it is begun again until it has had its attempts; then the one that waits longest.
 * @returns nothing when there is none
 */
export async function beginRun(context: CommandContext, lane: number, lease: Lease): Promise<BegunRun | undefined> {
  for (;;) {
    const taken = await decide(context.store, () => takeNext(context, lane, lease), stopWhenLost(lease));
    if (taken !== 'ENDED') return taken;
  }
}

async function takeNext(
  context: CommandContext,
  lane: number,
  lease: Lease,
): Promise<Attempt<BegunRun | 'ENDED' | undefined>> {
  const active = await next(context, lane);
  const run = active && (await context.store.get(syncRuns, active.run));
  if (!run) return { value: undefined };
  const now = nowOf(context);
  const expect = [lease.fence];
  const ended = endedBeforeItBegan(run, active, now);
  if (ended) {
    const ending = await endingOf(context.store, ended, active, syncActor, now);
    return { value: 'ENDED', commit: { ...ending, expect, save: [save(syncRuns, ended)] } };
  }
  const started = begun(run, now);
  const taken = { ...active, lane };
  return {
    value: { run: stored(started), active: stored(taken) },
    commit: {
      expect,
      save: [save(syncRuns, started), save(activeRuns, taken)],
      events: [runUpdated(started, 'PROGRESSED', syncActor, now)],
    },
  };
}

async function next({ store }: CommandContext, lane: number): Promise<ActiveRun | undefined> {
  for (const at of [lane, WAITING]) {
    const page = await store.find(activeRuns, { key: 'byLane', equals: [at], limit: 1 });
    if (page.items[0]) return page.items[0];
  }
  return undefined;
}

function endedBeforeItBegan(run: SyncRun, active: ActiveRun, now: string): SyncRun | undefined {
  if (active.cancel) return cancelled(run, now);
  if (run.attempts < MOST_ATTEMPTS) return undefined;
  const message = `The process ended while it ran, ${run.attempts} times; what it had done until then stays.`;
  return failed(run, now, { code: 'INTERRUPTED', message });
}
