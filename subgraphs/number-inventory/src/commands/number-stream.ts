/** Changes of numbers as they happen, for subscriptions. Visibility is judged as each event is delivered. */
import type { Clock } from '@numberyard/kit/clock/clock';
import { mapStream } from '@numberyard/kit/graph/map-stream';
import { isWithin, type Identity } from '@numberyard/kit/identity/identity';
import { openStream, type StreamedEvent } from '@numberyard/kit/log/stream';
import type { Store } from '@numberyard/kit/storage/port';
import type { NumberFields } from '@numberyard/schema/events';
import type { NumberEventType } from '../domain/transitions.js';
import { numberFieldsOf } from '../models/number.js';
import { matchesEvent, type NumberFilter } from './number-filter.js';

export type NumberChangeKind = 'ADDED' | 'CHANGED' | 'DELETED' | 'LEFT';
export type CoolingChangeKind = 'STARTED' | 'RETURNED' | 'ENDED' | 'RELEASED' | 'LEFT';

/** How a stream tells of numbers. */
interface Telling<Kind extends string> {
  /** What each event is to somebody who saw the number before and sees it still; others are passed over. */
  readonly changes: Readonly<Partial<Record<NumberEventType, Kind>>>;
  /** What a number is that moved into sight. */
  readonly entered: Kind;
  /** Whether one that moves in or out of sight is of interest. */
  readonly isWanted: (fields: NumberFields) => boolean;
}

const NUMBER_CHANGES: Telling<NumberChangeKind> = {
  changes: {
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
  } satisfies Record<NumberEventType, NumberChangeKind>,
  entered: 'ADDED',
  isWanted: () => true,
};

const COOLING_CHANGES: Telling<CoolingChangeKind> = {
  changes: {
    NumberCoolingStarted: 'STARTED',
    NumberReturned: 'RETURNED',
    NumberCoolingEnded: 'ENDED',
    NumberReleased: 'RELEASED',
  },
  entered: 'STARTED',
  isWanted: ({ status }) => status === 'COOLING',
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
  return stream(source, scope, NUMBER_CHANGES);
}

/** @throws CursorError */
export function streamCoolingChanges(source: Source, scope: StreamScope) {
  return stream(source, scope, COOLING_CHANGES);
}

async function stream<Kind extends string>(
  { store, clock }: Source,
  scope: StreamScope,
  telling: Telling<Kind>,
): Promise<AsyncIterableIterator<StreamedChange<Kind | 'LEFT'>>> {
  const source = await openStream({
    log: store.log,
    clock,
    after: scope.after ?? null,
    types: [...new Set([...Object.keys(telling.changes), 'NumberMoved'])],
    retentions: ['history'],
  });
  return mapStream(source, (streamed) => changeFor(scope, streamed, telling));
}

/** The change as this subscriber is told it; undefined when it is none of its business. */
function changeFor<Kind extends string>(
  scope: StreamScope,
  { event, cursor }: StreamedEvent,
  telling: Telling<Kind>,
): StreamedChange<Kind | 'LEFT'> | undefined {
  const isIn = (path: string) => isWithin(path, scope.within) && isWithin(path, scope.identity.path);
  const isThere = isIn(event.path);
  const wasThere = isIn(event.pathBefore ?? event.path);
  const fields = isThere || wasThere ? numberFieldsOf(event) : undefined;
  // By the number's state after the event, so that a stream gone on with later tells the same.
  if (!fields || !matchesEvent(scope.filter, fields)) return undefined;
  const id = event.entity.slice(event.entity.indexOf(':') + 1);
  if (isThere && wasThere) {
    const change = telling.changes[event.type as NumberEventType];
    return change && { change, id, releaseDate: fields.releaseDate, cursor };
  }
  if (!telling.isWanted(fields)) return undefined;
  return isThere
    ? { change: telling.entered, id, releaseDate: fields.releaseDate, cursor }
    : { change: 'LEFT', id, releaseDate: null, cursor };
}
