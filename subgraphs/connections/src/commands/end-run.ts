import type { Actor } from '@numberyard/kit/log/event';
import { asRead, type Commit, type Instant, type Store } from '@numberyard/kit/storage/port';
import { dataSyncId, scheduleId } from '../domain/items.js';
import type { ActiveRun, SyncRun } from '../domain/run.js';
import { connections } from '../models/connections.js';
import { dataSyncs, schedules } from '../models/items.js';
import { activeRuns } from '../models/sync-runs.js';
import { connectionDeleted } from './connection-events.js';
import { causeOf } from './context.js';
import { runUpdated } from './run-events.js';

/**
 * What goes with the last save of a run: it frees its connection for the next one. A purge that was to precede a deletion takes the connection with it,
 * unless it was cancelled or failed.
 * @param run in its final state
 */
export async function endingOf(
  store: Store,
  run: SyncRun,
  active: ActiveRun,
  actor: Actor,
  now: Instant,
): Promise<Required<Pick<Commit, 'remove' | 'events'>>> {
  const deletes = run.trigger === 'DELETION' && run.state.startsWith('SUCCEEDED');
  const deletion = deletes ? await deletionOf(store, run, actor, now) : {};
  return {
    remove: [asRead(activeRuns, active), ...(deletion.remove ?? [])],
    events: [...(deletion.events ?? []), runUpdated(run, 'FINISHED', actor, now)],
  };
}

async function deletionOf(
  store: Store,
  { connection: id, requestId }: SyncRun,
  actor: Actor,
  now: Instant,
): Promise<Commit> {
  const cause = causeOf({ requestId });
  const connection = await store.get(connections, id);
  if (!connection) return {};
  const syncs = await store.getMany(dataSyncs, [dataSyncId(id, 'SYNC'), dataSyncId(id, 'PURGE')]);
  const schedule = await store.get(schedules, scheduleId(id));
  return {
    remove: [
      asRead(connections, connection),
      ...syncs.flatMap((item) => (item ? [asRead(dataSyncs, item)] : [])),
      ...(schedule ? [asRead(schedules, schedule)] : []),
    ],
    events: [connectionDeleted(connection, { actor, time: now, ...cause })],
  };
}
