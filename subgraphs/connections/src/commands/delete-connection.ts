import { decide } from '@numberyard/kit/commands/decide';
import { done, refused, type Outcome } from '@numberyard/kit/graph/refusal';
import type { Identity } from '@numberyard/kit/identity/identity';
import { save } from '@numberyard/kit/storage/port';
import { notFound, runActive, type RefusalCode } from '../domain/refusals.js';
import type { SyncRun } from '../domain/run.js';
import { connections } from '../models/connections.js';
import { activeRuns } from '../models/sync-runs.js';
import { keyActor, nowOf, type CommandContext } from './context.js';
import { findConnection } from './find-connection.js';
import { queueRun, stored } from './queue-run.js';

/** Queue the purge after which the connection, its data syncs and its schedule are gone: so its numbers cool first. */
export async function deleteConnection(
  context: CommandContext,
  identity: Identity,
  { id }: { readonly id: string },
): Promise<Outcome<SyncRun, RefusalCode>> {
  const { store } = context;
  const outcome = await decide<Outcome<SyncRun, RefusalCode>>(store, async () => {
    const connection = await findConnection(store, id, identity);
    if (!connection) return { value: refused(notFound('connection', 'id')) };
    if (await store.get(activeRuns, id)) return { value: refused({ ...runActive, field: 'id' }) };
    const queue = queueRun(connection, 'PURGE', 'DELETION', keyActor(identity), nowOf(context));
    return {
      value: done(stored(queue.run)),
      commit: { save: [save(connections, queue.connection), ...queue.commit.save], events: queue.commit.events },
    };
  });
  if (outcome.ok) context.bells.runQueued();
  return outcome;
}
