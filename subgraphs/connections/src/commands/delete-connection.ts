import { decide } from '@numberyard/kit/commands/decide';
import { checkIdempotencyKey, keyReused, remember } from '@numberyard/kit/commands/remember';
import { done, refused, type Outcome } from '@numberyard/kit/graph/refusal';
import type { Identity } from '@numberyard/kit/identity/identity';
import { save } from '@numberyard/kit/storage/port';
import { notFound, runActive, type RefusalCode } from '../domain/refusals.js';
import type { SyncRun } from '../domain/run.js';
import { connections } from '../models/connections.js';
import { activeRuns, syncRuns } from '../models/sync-runs.js';
import type { CommandContext } from './context.js';
import { findConnection } from './find-connection.js';
import { queuedBy, queueRun, stored } from './queue-run.js';

/** Queue the purge after which the connection, its data syncs and its schedule are gone: so its numbers cool first. */
export async function deleteConnection(
  context: CommandContext,
  identity: Identity,
  { id, idempotencyKey }: { readonly id: string; readonly idempotencyKey?: string | null },
): Promise<Outcome<SyncRun, RefusalCode>> {
  const { store } = context;
  const refusals = checkIdempotencyKey(idempotencyKey);
  if (refusals.length > 0) return refused(...refusals);
  const outcome = await decide<Outcome<SyncRun, RefusalCode>>(store, async () => {
    // First, because what the key deleted is there no more.
    const known = await remember(store, identity, 'deleteAudioCodesConnection', idempotencyKey, { id });
    if (known.state === 'OTHER') return { value: refused(keyReused) };
    if (known.state === 'DONE') {
      const earlier = await store.get(syncRuns, (known.result as { run: string }).run);
      return { value: earlier ? done(earlier) : refused(notFound('run any more', 'idempotencyKey')) };
    }
    const connection = await findConnection(store, id, identity);
    if (!connection) return { value: refused(notFound('connection', 'id')) };
    if (await store.get(activeRuns, id)) return { value: refused({ ...runActive, field: 'id' }) };
    const queue = queueRun(connection, 'PURGE', 'DELETION', queuedBy(context, identity));
    return {
      value: done(stored(queue.run)),
      commit: {
        save: [save(connections, queue.connection), ...queue.commit.save],
        events: queue.commit.events,
        ...known.record({ run: queue.run.id }),
      },
    };
  });
  if (outcome.ok) context.bells.runQueued();
  return outcome;
}
