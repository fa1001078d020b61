import type { NewEvent } from '@numberyard/kit/log/event';
import { entity, event } from '@numberyard/schema/events';
import type { AudioCodesConnection } from '../domain/connection.js';

/** Who did it, when, and what led to it. */
export type Told = Pick<NewEvent, 'actor' | 'time' | 'cause'>;

/** @param changed names of the fields that were given, see {@link given} */
export function connectionSaved(connection: AudioCodesConnection, changed: readonly string[], told: Told): NewEvent {
  return event('AudioCodesConnectionSaved', { ...named(connection), changed }, about(connection, told));
}

/** Not of the connection or its items: what the input is about, and how it is carried out. */
const NO_FIELDS = ['id', 'node', 'syncOnSave', 'idempotencyKey'];

/** The names of the fields an input gives, never their values: one of them is the password. */
export function given(input: object, of?: 'schedule' | 'dataSync'): string[] {
  return Object.entries(input)
    .filter(([name, value]) => value !== undefined && value !== null && !NO_FIELDS.includes(name))
    .map(([name]) => (of ? `${of}.${name}` : name));
}

export function connectionDeleted(connection: AudioCodesConnection, told: Told): NewEvent {
  return event('AudioCodesConnectionDeleted', named(connection), about(connection, told));
}

/** @returns nothing when the state is the one it was */
export function reachabilityChanged(before: AudioCodesConnection, after: AudioCodesConnection, told: Told): NewEvent[] {
  const { state, error } = after.reachability;
  if (state === before.reachability.state || state === 'UNKNOWN') return [];
  const fields = { connection: after.id, state, error: error ?? null };
  return [event('ReachabilityChanged', fields, { ...about(after, told), retention: 'passing' })];
}

function named({ id, name, node }: AudioCodesConnection) {
  return { connection: id, name, node };
}

function about(connection: AudioCodesConnection, told: Told) {
  return {
    retention: 'history',
    entity: entity.connection(connection.id),
    path: connection.path,
    ...told,
  } as const;
}
