import { decide } from '@numberyard/kit/commands/decide';
import type { Commit } from '@numberyard/kit/storage/port';
import { stopWhenLost, type Lease } from '@numberyard/kit/workers/leases';
import { APPLYING } from '../domain/run.js';
import { activeRuns, syncRuns } from '../models/sync-runs.js';
import { nowOf, syncActor, type CommandContext } from './context.js';
import { runApplying } from './run-events.js';

const AT_ONCE = 500;

/**
 * Say again of every run that waits for number-inventory that it does: the first time may lie in a stretch of the log that number-inventory did not
 * read, because one of the two started over. It answers as often as it is told, and only the first answer counts.
 */
export async function remindApplying(context: Pick<CommandContext, 'store' | 'clock'>, lease: Lease): Promise<void> {
  await decide(
    context.store,
    async () => {
      const again = await applyingAgain(context);
      return again.events?.length
        ? { value: undefined, commit: { ...again, expect: [lease.fence] } }
        : { value: undefined };
    },
    stopWhenLost(lease),
  );
}

/** The events that do so. */
async function applyingAgain({ store, clock }: Pick<CommandContext, 'store' | 'clock'>): Promise<Commit> {
  const waiting = await store.find(activeRuns, { key: 'byLane', equals: [APPLYING], limit: AT_ONCE });
  const runs = await store.getMany(
    syncRuns,
    waiting.items.map(({ run }) => run),
  );
  return { events: runs.flatMap((run) => (run ? [runApplying(run, syncActor, nowOf({ clock }))] : [])) };
}
