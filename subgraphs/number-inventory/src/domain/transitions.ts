/**
 * The life of a number: what each happening makes of it. Every function answers the next state and the event to tell, or undefined when nothing
 * changes; whether a caller may ask for it is judged in `rules.ts`.
 */
import type { Duration } from './duration.js';
import { plus, plusDays } from './duration.js';
import type { Cooling, Instant, InventoryNumber, NumberUse, Reservation } from './number.js';
import { shown } from './status.js';

export const NUMBER_EVENTS = [
  'NumberAdded',
  'NumberUsed',
  'NumberChanged',
  'NumberCoolingStarted',
  'NumberReturned',
  'NumberCoolingEnded',
  'NumberReleased',
  'NumberFreed',
  'NumberReserved',
  'NumberUnreserved',
  'NumberDeleted',
] as const;

export type NumberEventType = (typeof NUMBER_EVENTS)[number];

export interface Change {
  readonly next: InventoryNumber;
  readonly event: NumberEventType;
}

/** Uses that come and uses that go, named by source and reference; none is in both lists. */
export interface UseChanges {
  readonly add: readonly NumberUse[];
  readonly remove: readonly Pick<NumberUse, 'source' | 'ref'>[];
}

/**
 * Uses come and go together, and the state is judged once afterwards, so a number that passes from one device to another never cools in between.
 *
 * - In use: a number that was Available or Cooling "for whatever reason" is Used; cooling ends, its tag gives way to the one from before.
 * - The last use of an AudioCodes device goes: "the internal number is placed into a configurable cooling period, with Status as Cooling".
 * - The last other use goes: Available.
 * - Reserved stays Reserved either way; what happens meanwhile happens beneath the reservation and shows when it ends.
 *
 * @param duration looked up only when cooling starts; later changes of the macro move no release date
 */
export function changeUses(
  number: InventoryNumber,
  changes: UseChanges,
  now: Instant,
  duration: () => Duration,
): Change | undefined {
  const gone = number.uses.filter((use) => changes.remove.some((other) => isSame(use, other)));
  const stay = gone.length === 0 ? number.uses : number.uses.filter((use) => !gone.includes(use));
  const come = changes.add.filter((use) => !stay.some((other) => isSame(use, other)));
  if (gone.length === 0 && come.length === 0) return undefined;
  const uses = [...stay, ...come];
  const changed: InventoryNumber = { ...number, uses, updatedAt: now };
  const change = judged(number, changed, gone, now, duration);
  return number.reservation ? { next: change.next, event: 'NumberChanged' } : change;
}

function judged(
  before: InventoryNumber,
  changed: InventoryNumber,
  gone: readonly NumberUse[],
  now: Instant,
  duration: () => Duration,
): Change {
  if (changed.uses.length > 0) {
    if (before.cooling) return { next: withoutCooling(changed, before.cooling), event: 'NumberReturned' };
    return { next: changed, event: before.uses.length > 0 ? 'NumberChanged' : 'NumberUsed' };
  }
  const last = gone.find((use) => use.source === 'REGISTERED_USER');
  if (last) return { next: startAudioCodesCooling(changed, last, now, duration()), event: 'NumberCoolingStarted' };
  return { next: madeAvailable(changed), event: 'NumberFreed' };
}

/** Cooling or a reservation that has come to its end; undefined when neither is due. */
export function endDue(number: InventoryNumber, now: Instant): Change | undefined {
  if (number.reservation) {
    const { until } = number.reservation;
    return until !== undefined && until <= now ? unreserve(number, now) : undefined;
  }
  if (!number.cooling || number.cooling.releaseDate > now) return undefined;
  const next = madeAvailable(withoutCooling({ ...number, updatedAt: now }, number.cooling));
  return { next, event: 'NumberReleased' };
}

/** @param days whole days until it ends by itself; absent: "stays Reserved indefinitely" (Number Reservation) */
export function reserve(
  number: InventoryNumber,
  now: Instant,
  options: { readonly notes?: string; readonly days?: number },
): Change {
  const { notes, days } = options;
  const reservation: Reservation = {
    reservedAt: now,
    ...(notes !== undefined && { notes }),
    ...(days !== undefined && { until: plusDays(now, days) }),
  };
  return { next: { ...number, reservation, updatedAt: now }, event: 'NumberReserved' };
}

/**
 * "Unreserve returns it to Available" (Number Reservation), or to Used when a device took it meanwhile. One whose device came and left meanwhile cools for
 * what is left of its period, because an AudioCodes device "can become offline but is not deleted" (AudioCodes Device Number Integration).
 */
export function unreserve(number: InventoryNumber, now: Instant): Change {
  const free: InventoryNumber = { ...number, reservation: undefined, updatedAt: now };
  if (free.uses.length > 0) return { next: free, event: 'NumberUnreserved' };
  if (!free.cooling) return { next: madeAvailable(free), event: 'NumberUnreserved' };
  if (free.cooling.releaseDate > now) return { next: free, event: 'NumberCoolingStarted' };
  return { next: madeAvailable(withoutCooling(free, free.cooling)), event: 'NumberUnreserved' };
}

/**
 * "Tag: an information message of the number of days when the INI will reach the release date: Registered user is either offline or deleted, release
 * date {{ fn.now_in_utc %Y-%m-%d }} + {{ macro.audiocodes_cooling_duration }} days" (AudioCodes Device Number Integration).
 */
export function coolingTag(since: Instant, duration: Duration): string {
  return `Registered user is either offline or deleted, release date ${since.slice(0, 10)} + ${duration.label}`;
}

function startAudioCodesCooling(
  number: InventoryNumber,
  last: NumberUse,
  now: Instant,
  duration: Duration,
): InventoryNumber {
  const cooling: Cooling = {
    since: now,
    releaseDate: plus(now, duration.ms),
    cause: 'AUDIOCODES',
    ...(number.tag !== undefined && { tagBefore: number.tag }),
    ...(last.vendor !== undefined && { vendor: last.vendor }),
    ...(last.connection !== undefined && { connection: last.connection }),
  };
  return { ...number, cooling, tag: coolingTag(now, duration) };
}

function withoutCooling(number: InventoryNumber, cooling: Cooling): InventoryNumber {
  return { ...number, cooling: undefined, tag: cooling.tagBefore };
}

/** What becomes Available loses its description; free fields stay ("Number Inventory Flexibility and Description Customization"). */
function madeAvailable(number: InventoryNumber): InventoryNumber {
  return { ...number, description: undefined };
}

function isSame(a: Pick<NumberUse, 'source' | 'ref'>, b: Pick<NumberUse, 'source' | 'ref'>): boolean {
  return a.source === b.source && a.ref === b.ref;
}

/** Why a device's number is not simply Used: what a sync reports of it; undefined when all is well. */
export function useConflict(
  number: InventoryNumber,
  connection: string,
): { readonly kind: 'NUMBER_RESERVED' | 'NUMBER_USED_BY_OTHER'; readonly message: string } | undefined {
  const { status } = shown(number);
  if (status === 'RESERVED') {
    return { kind: 'NUMBER_RESERVED', message: 'The number is Reserved; it is Used once the reservation ends.' };
  }
  const other = number.uses.find((use) => use.connection !== connection);
  if (!other) return undefined;
  const by = other.connection
    ? 'a device of another connection'
    : `${other.vendor ?? 'the default vendor'} (${other.ref})`;
  return { kind: 'NUMBER_USED_BY_OTHER', message: `The number is also used by ${by}.` };
}
