/** The last write of a run in its lane, for each way it can leave. */
import { save, type Commit } from '@numberyard/kit/storage/port';
import {
  APPLYING,
  cancelled,
  failed,
  putBack,
  succeeded,
  WAITING,
  type ActiveRun,
  type SyncError,
  type SyncRun,
} from '../../domain/run.js';
import { activeRuns } from '../../models/sync-runs.js';
import { nowOf, syncActor, type CommandContext } from '../context.js';
import { endingOf } from '../end-run.js';
import { runApplying, runUpdated } from '../run-events.js';
import type { MirrorWriter } from './mirror-writer.js';
import type { RunWriter } from './run-writer.js';

export interface Leaving {
  readonly context: CommandContext;
  readonly writer: RunWriter;
  readonly mirror: MirrorWriter;
}

/** Everything is mirrored: wait for number-inventory if it was told of a change, else succeed. */
export function leaveDone({ context, writer, mirror }: Leaving): Promise<void> {
  return writer.leave(async (run, active) => {
    const now = nowOf(context);
    const listed = mirror.withProgress(run);
    if (!run.told) {
      const next = succeeded(listed, now, run.issueCount);
      return { next, commit: await endingOf(context.store, next, active, syncActor, now) };
    }
    const next: SyncRun = { ...listed, state: 'APPLYING' };
    const events = [runApplying(next, syncActor, now), runUpdated(next, 'PROGRESSED', syncActor, now)];
    return { next, commit: { ...moved(active, APPLYING), events } };
  });
}

export function leaveFailed({ context, writer, mirror }: Leaving, error: SyncError): Promise<void> {
  return writer.leave(async (run, active) => {
    const now = nowOf(context);
    const next = failed(mirror.withProgress(run), now, error);
    return { next, commit: await endingOf(context.store, next, active, syncActor, now) };
  });
}

export function leaveCancelled({ context, writer, mirror }: Leaving): Promise<void> {
  return writer.leave(async (run, active) => {
    const now = nowOf(context);
    const next = cancelled(mirror.withProgress(run), now);
    return { next, commit: await endingOf(context.store, next, active, syncActor, now) };
  }, false);
}

/** The process ends in an orderly way: the next one finds the run in the queue. */
export function leaveForLater({ context, writer }: Leaving): Promise<void> {
  return writer.leave((run, active) => {
    const next = putBack(run);
    const events = [runUpdated(next, 'PROGRESSED', syncActor, nowOf(context))];
    return { next, commit: { ...moved(active, WAITING), events } };
  });
}

function moved(active: ActiveRun, lane: number): Commit {
  return { save: [save(activeRuns, { ...active, lane })] };
}
