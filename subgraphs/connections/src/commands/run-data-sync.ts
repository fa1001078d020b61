import { decide } from '@numberyard/kit/commands/decide';
import { checkIdempotencyKey, keyReused, remember } from '@numberyard/kit/commands/remember';
import { done, refused, type Outcome } from '@numberyard/kit/graph/refusal';
import type { Identity } from '@numberyard/kit/identity/identity';
import { save } from '@numberyard/kit/storage/port';
import { nodeRetired, notFound, runActive, type RefusalCode } from '../domain/refusals.js';
import type { SyncRun } from '../domain/run.js';
import { connections } from '../models/connections.js';
import { dataSyncs } from '../models/items.js';
import { activeRuns, syncRuns } from '../models/sync-runs.js';
import type { CommandContext } from './context.js';
import { findItem } from './find-connection.js';
import { queuedBy, queueRun, stored } from './queue-run.js';
import { isAtRetiredNode } from './retired-node.js';

export interface RunDataSyncInput {
  readonly dataSync: string;
  readonly idempotencyKey?: string | null;
}

/** Queue a run of a data sync, whether it is enabled or not. Runs of one connection do not overlap. */
export async function runDataSync(
  context: CommandContext,
  identity: Identity,
  { dataSync: id, idempotencyKey }: RunDataSyncInput,
): Promise<Outcome<SyncRun, RefusalCode>> {
  const { store } = context;
  const refusals = checkIdempotencyKey(idempotencyKey);
  if (refusals.length > 0) return refused(...refusals);
  const outcome = await decide<Outcome<SyncRun, RefusalCode>>(store, async () => {
    const found = await findItem(store, dataSyncs, id, identity);
    if (!found) return { value: refused(notFound('data sync', 'dataSync')) };
    const { item: dataSync, connection } = found;
    const known = await remember(store, identity, 'runDataSync', idempotencyKey, { dataSync: id });
    if (known.state === 'OTHER') return { value: refused(keyReused) };
    if (known.state === 'DONE') {
      const earlier = await store.get(syncRuns, (known.result as { run: string }).run);
      return { value: earlier ? done(earlier) : refused(notFound('run any more', 'idempotencyKey')) };
    }
    if (await store.get(activeRuns, connection.id)) return { value: refused({ ...runActive, field: 'dataSync' }) };
    if (dataSync.kind === 'SYNC' && (await isAtRetiredNode(store, connection)))
      return { value: refused(nodeRetired('dataSync')) };
    const queue = queueRun(connection, dataSync.kind, 'MANUAL', queuedBy(context, identity));
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
