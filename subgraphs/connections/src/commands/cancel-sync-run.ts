import { decide } from '@numberyard/kit/commands/decide';
import { done, refused, type Outcome } from '@numberyard/kit/graph/refusal';
import type { Identity } from '@numberyard/kit/identity/identity';
import { save } from '@numberyard/kit/storage/port';
import { notFound, type RefusalCode } from '../domain/refusals.js';
import { cancelled, hasEnded, type SyncRun } from '../domain/run.js';
import { seesFully } from '../domain/visibility.js';
import { activeRuns, syncRuns } from '../models/sync-runs.js';
import { keyActor, nowOf, type CommandContext } from './context.js';
import { endingOf } from './end-run.js';
import { stored } from './queue-run.js';

/**
 * Cancel a run; what it has mirrored stays. One that waits in the queue or for number-inventory ends at once (number-inventory still applies what it was
 * told); a running one ends when its runner notices, and answers as it is until then.
 */
export async function cancelSyncRun(
  context: CommandContext,
  identity: Identity,
  { id }: { readonly id: string },
): Promise<Outcome<SyncRun, RefusalCode>> {
  const { store } = context;
  return decide<Outcome<SyncRun, RefusalCode>>(store, async () => {
    const run = await store.get(syncRuns, id);
    if (!run || !seesFully(run.path, identity)) return { value: refused(notFound('run', 'id')) };
    const active = await store.get(activeRuns, run.connection);
    if (hasEnded(run.state) || active?.run !== id) {
      return { value: refused({ code: 'RUN_ENDED', message: 'The run has ended already.', field: 'id' }) };
    }
    if (run.state === 'RUNNING') {
      if (active.cancel) return { value: done(run) };
      return { value: done(run), commit: { save: [save(activeRuns, { ...active, cancel: true })] } };
    }
    const now = nowOf(context);
    const ended = cancelled(run, now);
    return {
      value: done(stored(ended)),
      commit: { save: [save(syncRuns, ended)], ...(await endingOf(store, ended, active, keyActor(identity), now)) },
    };
  });
}
