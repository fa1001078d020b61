import type { Actor, NewEvent } from '@numberyard/kit/log/event';
import type { Instant } from '@numberyard/kit/storage/port';
import { entity, event } from '@numberyard/schema/events';
import type { AudioCodesConnection } from '../domain/connection.js';

/** @param changed names of the fields that were given, see {@link given} */
export function connectionSaved(
  connection: AudioCodesConnection,
  changed: readonly string[],
  actor: Actor,
  time: Instant,
): NewEvent {
  return event('AudioCodesConnectionSaved', { ...told(connection), changed }, about(connection, actor, time));
}

/** Not of the connection or its items: what the input is about, and how it is carried out. */
const NO_FIELDS = ['id', 'node', 'syncOnSave', 'idempotencyKey'];

/** The names of the fields an input gives, never their values: one of them is the password. */
export function given(input: object, of?: 'schedule' | 'dataSync'): string[] {
  return Object.entries(input)
    .filter(([name, value]) => value !== undefined && value !== null && !NO_FIELDS.includes(name))
    .map(([name]) => (of ? `${of}.${name}` : name));
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
