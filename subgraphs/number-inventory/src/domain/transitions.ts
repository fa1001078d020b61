/**
 * The life of a number: what each happening makes of it. Every function answers the next state and the event to tell, or undefined when nothing
 * changes; whether a caller may ask for it is judged in `rules.ts`.
 */
import { plus, plusDays, type Duration } from './duration.js';
import type { Cooling, Instant, InventoryNumber, NumberExtra, NumberUse, Reservation } from './number.js';
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
  'NumberMoved',
  'NumberDeleted',
] as const;

export type NumberEventType = (typeof NUMBER_EVENTS)[number];

export interface Change {
  readonly next: InventoryNumber;
  readonly event: NumberEventType;
}

/** How a number cools that nothing uses any more; asked only when its cooling starts, so that later changes of a setting move no release date. */
export interface CoolingRule {
  /** The macro `audiocodes_cooling_duration` where the number lives. */
  audioCodes(): Duration;
  /** The global settings in force where the number lives, for whatever is no AudioCodes device; undefined: it does not cool. */
  standard(): { readonly days: number } | undefined;
}

/**
 * Devices that are kept of one number. A Routing Manager may list any number of devices with the same one, and a number is one document, which has a size; those
 * above are left out, and show again only as those that are kept go and an audit looks.
 */
export const MOST_DEVICES = 1_000;

/** Uses that come and uses that go, named by source and reference; one that is in both lists comes in the place of the one before. */
export interface UseChanges {
  readonly add: readonly NumberUse[];
  readonly remove: readonly Pick<NumberUse, 'source' | 'ref'>[];
}

/**
 * Uses come and go together, and the state is judged once afterwards, so a number that passes from one device to another never cools in between.
 *
 * - In use: a number that was Available or Cooling "for whatever reason" is Used; cooling ends, and its tag with it.
 * - The last use goes, an AudioCodes device: "the internal number is placed into a configurable cooling period, with Status as Cooling", whatever the
 *   global settings say.
 * - The last use goes, anything else: Cooling where "Enable Number Inventory Cooling" is on (Global Settings), else Available.
 * - Reserved stays Reserved either way; what happens meanwhile happens beneath the reservation and shows when it ends.
 */
export function changeUses(
  number: InventoryNumber,
  changes: UseChanges,
  now: Instant,
  rule: CoolingRule,
): Change | undefined {
  const gone = number.uses.filter((use) => changes.remove.some((other) => isSame(use, other)));
  const stay = gone.length === 0 ? number.uses : number.uses.filter((use) => !gone.includes(use));
  const come = withRoom(
    stay,
    changes.add.filter((use) => !stay.some((other) => isSame(use, other))),
  );
  if (gone.length === 0 && come.length === 0) return undefined;
  const uses = [...stay, ...come];
  const changed: InventoryNumber = { ...number, uses, updatedAt: now };
  const change = judged(number, changed, gone, now, rule);
  return number.reservation ? { next: change.next, event: 'NumberChanged' } : change;
}

function withRoom(stay: readonly NumberUse[], come: readonly NumberUse[]): readonly NumberUse[] {
  let room = MOST_DEVICES - devicesAmong(stay);
  return come.filter(({ source }) => source !== 'REGISTERED_USER' || room-- > 0);
}

export function devicesAmong(uses: readonly NumberUse[]): number {
  return uses.filter(({ source }) => source === 'REGISTERED_USER').length;
}

function judged(
  before: InventoryNumber,
  changed: InventoryNumber,
  gone: readonly NumberUse[],
  now: Instant,
  rule: CoolingRule,
): Change {
  if (changed.uses.length > 0) {
    if (before.cooling) return { next: withoutCooling(changed), event: 'NumberReturned' };
    return { next: changed, event: before.uses.length > 0 ? 'NumberChanged' : 'NumberUsed' };
  }
  const device = gone.find((use) => use.source === 'REGISTERED_USER');
  if (device)
    return { next: audioCodesCooling(changed, device, now, rule.audioCodes()), event: 'NumberCoolingStarted' };
  const standard = rule.standard();
  if (standard) {
    const next = cooling(changed, 'STANDARD', now, standard.days, gone[0]?.vendor);
    return { next, event: 'NumberCoolingStarted' };
  }
  return { next: madeAvailable(changed), event: 'NumberFreed' };
}

/** Cooling or a reservation that has come to its end; undefined when neither is due. */
export function endDue(number: InventoryNumber, now: Instant): Change | undefined {
  if (number.reservation) {
    const { until } = number.reservation;
    return until !== undefined && until <= now ? unreserve(number, now) : undefined;
  }
  if (!number.cooling || number.cooling.releaseDate > now) return undefined;
  return { next: madeAvailable({ ...number, updatedAt: now }), event: 'NumberReleased' };
}

/** Cooling by hand, of a number that is Available. @param days whole days, "max 999" (Number Cooling) */
export function startCooling(number: InventoryNumber, now: Instant, days: number): Change {
  return { next: cooling({ ...number, updatedAt: now }, 'MANUAL', now, days), event: 'NumberCoolingStarted' };
}

/** "Remove from cooling: returns numbers to Available" (Number Cooling), whatever they cool for. */
export function endCooling(number: InventoryNumber, now: Instant): Change {
  return { next: madeAvailable({ ...number, updatedAt: now }), event: 'NumberCoolingEnded' };
}

/** Another home in the same customer, whatever the status; undefined when it lives there already. */
export function move(
  number: InventoryNumber,
  home: Pick<InventoryNumber, 'node' | 'path'>,
  now: Instant,
): Change | undefined {
  if (number.node === home.node) return undefined;
  return { next: { ...number, node: home.node, path: home.path, updatedAt: now }, event: 'NumberMoved' };
}

/** What is free to edit; what is not given stays, an empty text removes. */
export interface Edit {
  readonly description?: string;
  readonly tag?: string;
  readonly e164?: string;
  /** Fields to change; a value that is undefined removes the field. */
  readonly extras?: readonly { readonly name: string; readonly value: string | undefined }[];
}

/** undefined when it has all of this already. */
export function edit(number: InventoryNumber, change: Edit, now: Instant): Change | undefined {
  const { description, ownTag, e164 } = number;
  const extras = change.extras ? mergedExtras(number.extras, change.extras) : number.extras;
  const edited = {
    description: textOr(change.description, description),
    ownTag: textOr(change.tag, ownTag),
    e164: textOr(change.e164, e164),
  };
  const isSame = edited.description === description && edited.ownTag === ownTag && edited.e164 === e164;
  if (isSame && JSON.stringify(extras ?? []) === JSON.stringify(number.extras ?? [])) return undefined;
  const next = { ...number, ...edited, extras: extras?.length ? extras : undefined, updatedAt: now };
  return { next, event: 'NumberChanged' };
}

/** Free fields after a change, in order of their names. */
export function mergedExtras(
  before: readonly NumberExtra[] | undefined,
  changes: NonNullable<Edit['extras']>,
): NumberExtra[] {
  const values = new Map((before ?? []).map(({ name, value }) => [name, value]));
  for (const { name, value } of changes) {
    if (value === undefined) values.delete(name);
    else values.set(name, value);
  }
  return [...values].map(([name, value]) => ({ name, value })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function textOr(given: string | undefined, before: string | undefined): string | undefined {
  return given === undefined ? before : given || undefined;
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
  if (free.cooling && free.cooling.releaseDate > now) return { next: free, event: 'NumberCoolingStarted' };
  return { next: madeAvailable(free), event: 'NumberUnreserved' };
}

/**
 * "Tag: an information message of the number of days when the INI will reach the release date: Registered user is either offline or deleted, release
 * date {{ fn.now_in_utc %Y-%m-%d }} + {{ macro.audiocodes_cooling_duration }} days" (AudioCodes Device Number Integration).
 */
export function coolingTag(since: Instant, duration: Duration): string {
  return `Registered user is either offline or deleted, release date ${since.slice(0, 10)} + ${duration.label}`;
}

function audioCodesCooling(
  number: InventoryNumber,
  last: NumberUse,
  now: Instant,
  duration: Duration,
): InventoryNumber {
  const started: Cooling = {
    since: now,
    releaseDate: plus(now, duration.ms),
    cause: 'AUDIOCODES',
    tag: coolingTag(now, duration),
    ...(last.vendor !== undefined && { vendor: last.vendor }),
    ...(last.connection !== undefined && { connection: last.connection }),
  };
  return { ...number, cooling: started };
}

function cooling(
  number: InventoryNumber,
  cause: 'STANDARD' | 'MANUAL',
  now: Instant,
  days: number,
  vendor?: string,
): InventoryNumber {
  const releaseDate = plusDays(now, days);
  return { ...number, cooling: { since: now, releaseDate, cause, ...(vendor !== undefined && { vendor }) } };
}

function withoutCooling(number: InventoryNumber): InventoryNumber {
  return { ...number, cooling: undefined };
}

/** What becomes Available loses its description; free fields stay ("Number Inventory Flexibility and Description Customization"). */
function madeAvailable(number: InventoryNumber): InventoryNumber {
  return { ...withoutCooling(number), description: undefined };
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
    : `${other.vendor ?? 'the default vendor'} (${other.source === 'SERVICE' ? 'a service' : other.ref})`;
  return { kind: 'NUMBER_USED_BY_OTHER', message: `The number is also used by ${by}.` };
}
