import type { Actor, NewEvent } from '@numberyard/kit/log/event';
import type { Instant } from '@numberyard/kit/storage/port';
import { entity, event, type ConnectionsEvents, type RegisteredUserChange } from '@numberyard/schema/events';
import type { AudioCodesConnection } from '../domain/connection.js';
import type { SyncRun } from '../domain/run.js';

type Change = ConnectionsEvents['SyncRunUpdated']['change'];

export function runUpdated(run: SyncRun, change: Change, actor: Actor, time: Instant): NewEvent {
  const fields = { connection: run.connection, run: run.id, change, state: run.state };
  return event('SyncRunUpdated', fields, about(run, actor, time));
}

export function runApplying(run: SyncRun, actor: Actor, time: Instant): NewEvent {
  return event('SyncRunApplying', { connection: run.connection, run: run.id }, about(run, actor, time));
}

export function usersChanged(
  run: SyncRun,
  connection: AudioCodesConnection,
  changes: readonly RegisteredUserChange[],
  actor: Actor,
  time: Instant,
): NewEvent {
  const fields = { connection: connection.id, node: connection.node, run: run.id, changes };
  return event('RegisteredUsersChanged', fields, {
    ...about(run, actor, time),
    entity: entity.connection(connection.id),
  });
}

function about(run: SyncRun, actor: Actor, time: Instant) {
  return {
    retention: 'passing',
    entity: entity.run(run.id),
    path: run.path,
    actor,
    cause: `sync:${run.id}`,
    time,
  } as const;
}
