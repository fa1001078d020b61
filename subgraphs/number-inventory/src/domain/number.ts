/** A number of a customer's inventory: what is true of it. Status, usage and vendor are derived from this, see `status.ts`. */

/** Point in time, `YYYY-MM-DDTHH:mm:ss.sssZ`; compares in order of time. */
export type Instant = string;

export type Status = 'AVAILABLE' | 'USED' | 'USED_UTILITY' | 'RESERVED' | 'COOLING';

export type Usage =
  | 'DEVICE'
  | 'USER'
  | 'HUNT_PILOT'
  | 'PICKUP_GROUP_PILOT'
  | 'CALL_HANDLER_PILOT'
  | 'VOICEMAIL_PILOT'
  | 'MEET_ME'
  | 'CTI_ROUTE_POINT'
  | 'CALL_PARK'
  | 'DIRECTED_CALL_PARK'
  | 'VOSS_PHONE';

/** A device, an assignment through the API, or a service, as the last audit found it. */
export type UseSource = 'REGISTERED_USER' | 'ASSIGNMENT' | 'SERVICE';

/** The vendor of numbers that AudioCodes devices use. */
export const AUDIOCODES = 'AudioCodes';

/** One thing that uses the number. */
export interface NumberUse {
  readonly source: UseSource;
  /** Id of the registered user or service, or the reference given with the assignment. */
  readonly ref: string;
  readonly usage: Usage;
  /** Absent: the default vendor. */
  readonly vendor?: string;
  readonly since: Instant;
  /** The AudioCodes connection of a registered user. */
  readonly connection?: string;
}

export interface Cooling {
  readonly since: Instant;
  readonly releaseDate: Instant;
  readonly cause: 'AUDIOCODES' | 'STANDARD' | 'MANUAL';
  /** What the tag says while the number shows as cooling; absent: its own tag. */
  readonly tag?: string;
  /** Vendor and connection of the last use. */
  readonly vendor?: string;
  readonly connection?: string;
}

export interface Reservation {
  readonly notes?: string;
  readonly reservedAt: Instant;
  /** When it ends by itself; absent: when it is ended by hand. */
  readonly until?: Instant;
}

/** A free field, which keeps its value whatever becomes of the number ("Number Inventory Flexibility and Description Customization"). */
export interface NumberExtra {
  readonly name: string;
  readonly value: string;
}

export interface InventoryNumber {
  /** See {@link numberId}. */
  readonly id: string;
  readonly number: string;
  /** Id of the owning customer node. */
  readonly customer: string;
  /** The customer or site it lives at, and that node's path. */
  readonly node: string;
  readonly path: string;
  /** One per thing that uses it, always the truth, whatever the status. */
  readonly uses: readonly NumberUse[];
  /** Only while nothing uses it. */
  readonly cooling?: Cooling;
  readonly reservation?: Reservation;
  readonly description?: string;
  /** The tag somebody gave it; what is shown is told by `shown`. */
  readonly ownTag?: string;
  /** The E.164 number associated with a number that is none itself, unique per customer. */
  readonly e164?: string;
  /** Free fields in order of their names; absent: none. */
  readonly extras?: readonly NumberExtra[];
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** A number's id, made of the owning customer and the normalised number, for ever: references need no look-up. */
export function numberId(customer: string, number: string): string {
  return `${customer}:${number}`;
}

/** A new number at a customer or site: nothing uses it, so it is Available. */
export function newNumber(
  at: { readonly customer: string; readonly node: string; readonly path: string },
  number: string,
  now: Instant,
  description?: string,
): InventoryNumber {
  const { customer, node, path } = at;
  const id = numberId(customer, number);
  return {
    id,
    number,
    customer,
    node,
    path,
    uses: [],
    createdAt: now,
    updatedAt: now,
    ...(description && { description }),
  };
}

/** The number in E.164 form, where it is one: `+` and up to 15 digits. */
export function e164Of(number: string): string | undefined {
  return /^\+[1-9]\d{1,14}$/.test(number) ? number : undefined;
}
