/** Changes of numbers as they happen, for subscriptions. Visibility is judged as each event is delivered. */
import type { Clock } from '@numberyard/kit/clock/clock';
import { mapStream } from '@numberyard/kit/graph/map-stream';
import { isWithin, type Identity } from '@numberyard/kit/identity/identity';
import { openStream, type StreamedEvent } from '@numberyard/kit/log/stream';
import type { Store } from '@numberyard/kit/storage/port';
import type { NumberEventType } from '../domain/transitions.js';
import { numberFieldsOf } from '../models/number.js';
import { matchesEvent, type NumberFilter } from './number-filter.js';

export type NumberChangeKind = 'ADDED' | 'CHANGED' | 'DELETED' | 'LEFT';
export type CoolingChangeKind = 'STARTED' | 'RETURNED' | 'ENDED' | 'RELEASED' | 'LEFT';

const NUMBER_CHANGES: Readonly<Record<NumberEventType, Exclude<NumberChangeKind, 'LEFT'>>> = {
  NumberAdded: 'ADDED',
  NumberUsed: 'CHANGED',
  NumberChanged: 'CHANGED',
  NumberCoolingStarted: 'CHANGED',
  NumberReturned: 'CHANGED',
  NumberCoolingEnded: 'CHANGED',
  NumberReleased: 'CHANGED',
  NumberFreed: 'CHANGED',
  NumberReserved: 'CHANGED',
  NumberUnreserved: 'CHANGED',
  NumberMoved: 'CHANGED',
  NumberDeleted: 'DELETED',
};

/** A cooling number that moves is told to those it moves away from, and to nobody else. */
const COOLING_CHANGES: Readonly<Partial<Record<NumberEventType, CoolingChangeKind>>> = {
  NumberCoolingStarted: 'STARTED',
  NumberReturned: 'RETURNED',
  NumberCoolingEnded: 'ENDED',
  NumberReleased: 'RELEASED',
  NumberMoved: 'LEFT',
};

export interface StreamedChange<Kind extends string> {
  readonly change: Kind;
  /** The number's id. */
  readonly id: string;
  readonly releaseDate: string | null;
  readonly cursor: string;
}

export interface StreamScope {
  readonly identity: Identity;
  /** Path of the node at or below which changes are wanted; at or below the caller's. */
  readonly within: string;
  readonly filter: NumberFilter;
  readonly after?: string | null;
}

type Source = { readonly store: Store; readonly clock: Clock };

/** @throws CursorError */
export function streamNumberChanges(source: Source, scope: StreamScope) {
  return stream<NumberChangeKind>(source, scope, NUMBER_CHANGES);
}

/** @throws CursorError */
export function streamCoolingChanges(source: Source, scope: StreamScope) {
  return stream<CoolingChangeKind>(source, scope, COOLING_CHANGES);
}

async function stream<Kind extends string>(
  { store, clock }: Source,
  scope: StreamScope,
  changes: Readonly<Partial<Record<NumberEventType, Kind>>>,
): Promise<AsyncIterableIterator<StreamedChange<Kind | 'LEFT'>>> {
  const types = Object.keys(changes);
  const source = await openStream({
    log: store.log,
    clock,
    after: scope.after ?? null,
    types,
    retentions: ['history'],
  });
  return mapStream(source, (streamed) => {
    const { type } = streamed.event;
    const change = type in changes ? changes[type as NumberEventType] : undefined;
    return change && changeFor(scope, streamed, change);
  });
}

/** The change as this subscriber is told it; undefined when it is none of its business. */
function changeFor<Kind extends string>(
  scope: StreamScope,
  { event, cursor }: StreamedEvent,
  change: Kind,
): StreamedChange<Kind | 'LEFT'> | undefined {
  const id = event.entity.slice(event.entity.indexOf(':') + 1);
  const isIn = (path: string) => isWithin(path, scope.within) && isWithin(path, scope.identity.path);
  if (change === 'LEFT' && (isIn(event.path) || numberFieldsOf(event)?.status !== 'COOLING')) return undefined;
  if (!isIn(event.path)) {
    const left = event.pathBefore !== undefined && isIn(event.pathBefore);
    return left ? { change: 'LEFT', id, releaseDate: null, cursor } : undefined;
  }
  const fields = numberFieldsOf(event);
  // By the number's state after the event, so that a stream gone on with later tells the same.
  if (!fields || !matchesEvent(scope.filter, fields)) return undefined;
  return { change, id, releaseDate: fields.releaseDate, cursor };
}
