import type { SyncRun } from '../../domain/run.js';
import { activeRuns } from '../../models/sync-runs.js';
import type { CommandContext } from '../context.js';
import { RoutingManagerError } from '../../arm/routing-manager-error.js';
import { RunCancelled, RunSuperseded } from './run-writer.js';

const EVERY = 500;
/** Milliseconds. A Routing Manager that answers each call just in time, with one user a page, would hold a lane for years. */
const LONGEST_SYNC = 6 * 3_600_000;

/**
 * While a run waits for a slow Routing Manager, look now and then whether it was cancelled or takes longer than any may, and let its progress be saved.
 * Ends when `stop` is aborted, by it or by others.
 */
export async function watchRun(
  { store, clock, logger }: Pick<CommandContext, 'store' | 'clock' | 'logger'>,
  run: Pick<SyncRun, 'id' | 'connection' | 'kind'>,
  stop: AbortController,
  breathe: () => void,
): Promise<void> {
  const begun = clock.monotonic();
  while (!stop.signal.aborted) {
    await clock.sleep(EVERY, stop.signal);
    if (stop.signal.aborted) return;
    if (run.kind === 'SYNC' && clock.monotonic() - begun > LONGEST_SYNC) stop.abort(tookTooLong());
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

function tookTooLong(): RoutingManagerError {
  return new RoutingManagerError(
    'UNEXPECTED_ANSWER',
    `The routing manager was not done within ${LONGEST_SYNC / 3_600_000} hours; what was mirrored until then stays. Check its load and the network between.`,
  );
}
