import type { Actor, NewEvent } from '@numberyard/kit/log/event';
import type { Instant } from '@numberyard/kit/storage/port';
import { entity, event } from '@numberyard/schema/events';
import type { AudioCodesConnection } from '../domain/connection.js';

export function connectionSaved(connection: AudioCodesConnection, actor: Actor, time: Instant): NewEvent {
  return event('AudioCodesConnectionSaved', told(connection), about(connection, actor, time));
}

export function connectionDeleted(connection: AudioCodesConnection, actor: Actor, time: Instant): NewEvent {
  return event('AudioCodesConnectionDeleted', told(connection), about(connection, actor, time));
}

/** @returns nothing when the state is the one it was */
export function reachabilityChanged(
  before: AudioCodesConnection,
  after: AudioCodesConnection,
  actor: Actor,
  time: Instant,
): NewEvent[] {
  const { state, error } = after.reachability;
  if (state === before.reachability.state || state === 'UNKNOWN') return [];
  const fields = { connection: after.id, state, error: error ?? null };
  return [event('ReachabilityChanged', fields, { ...about(after, actor, time), retention: 'passing' })];
}

function told({ id, name, node }: AudioCodesConnection) {
  return { connection: id, name, node };
}

function about(connection: AudioCodesConnection, actor: Actor, time: Instant) {
  return {
    retention: 'history',
    entity: entity.connection(connection.id),
    path: connection.path,
    actor,
    time,
  } as const;
}
