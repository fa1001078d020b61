import type { SyncRun } from '../../domain/run.js';
import { activeRuns } from '../../models/sync-runs.js';
import type { CommandContext } from '../context.js';
import { RunCancelled, RunSuperseded } from './run-writer.js';

const EVERY = 500;

/**
 * While a run waits for a slow Routing Manager, look now and then whether it was cancelled, and let its progress be saved. Ends when `stop` is aborted,
 * by it or by others.
 */
export async function watchRun(
  { store, clock, logger }: CommandContext,
  run: SyncRun,
  stop: AbortController,
  breathe: () => void,
): Promise<void> {
  while (!stop.signal.aborted) {
    await clock.sleep(EVERY, stop.signal);
    if (stop.signal.aborted) return;
    try {
      breathe();
      const active = await store.get(activeRuns, run.connection);
      if (active?.run !== run.id) stop.abort(new RunSuperseded(`run ${run.id} is no longer run here`));
      else if (active.cancel) stop.abort(new RunCancelled(`run ${run.id} was cancelled`));
    } catch (error) {
      logger.warn({ err: error, run: run.id }, 'could not look whether a run was cancelled');
    }
  }
}
