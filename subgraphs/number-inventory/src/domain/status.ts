/**
 * The status table: which status and usage a use gives a number, and what is shown when several things hold it at once ("Number Status and Usage",
 * "AudioCodes Device Number Integration"). Deviations from the documents, with their reason:
 * - no status Inactive: it is for Webex Calling numbers only, which are not in the inventory;
 * - a number in cooling keeps its vendor: it tells which cooling rule applies and whose number it was.
 */
import type { Instant, InventoryNumber, Status, Usage } from './number.js';

/** What each usage makes of a number: things people and devices use are Used, utilities Used-Utility. */
export const STATUS_BY_USAGE: Readonly<Record<Usage, 'USED' | 'USED_UTILITY'>> = {
  DEVICE: 'USED',
  USER: 'USED',
  HUNT_PILOT: 'USED_UTILITY',
  PICKUP_GROUP_PILOT: 'USED_UTILITY',
  CALL_HANDLER_PILOT: 'USED_UTILITY',
  VOICEMAIL_PILOT: 'USED_UTILITY',
  MEET_ME: 'USED_UTILITY',
  CTI_ROUTE_POINT: 'USED_UTILITY',
  CALL_PARK: 'USED_UTILITY',
  DIRECTED_CALL_PARK: 'USED_UTILITY',
  VOSS_PHONE: 'USED_UTILITY',
};

/** What is shown of a number and follows from its uses, its cooling and its reservation. */
export interface Shown {
  readonly status: Status;
  /** Every usage once, in order of first use; none unless something uses the number and it shows. */
  readonly usage: readonly Usage[];
  readonly vendor: string | undefined;
  readonly connection: string | undefined;
  /** Its own tag, or in AudioCodes cooling what that says of the release date. */
  readonly tag: string | undefined;
  /** When cooling or a reservation ends. */
  readonly releaseDate: Instant | undefined;
}

/**
 * Reserved wins over Used, so that an operator's reservation is never overwritten; Used wins over Used-Utility; of several vendors and
 * connections the earliest use's is shown.
 */
export function shown(number: Pick<InventoryNumber, 'uses' | 'cooling' | 'reservation' | 'ownTag'>): Shown {
  const { cooling, reservation, ownTag: tag } = number;
  const uses = number.uses.length > 1 ? [...number.uses].sort(byTime) : number.uses;
  const connection = uses.find((use) => use.connection !== undefined)?.connection;
  if (reservation) {
    return { status: 'RESERVED', usage: [], vendor: undefined, connection, tag, releaseDate: reservation.until };
  }
  if (uses.length > 0) {
    const usage = [...new Set(uses.map((use) => use.usage))];
    const status = usage.some((each) => STATUS_BY_USAGE[each] === 'USED') ? 'USED' : 'USED_UTILITY';
    return { status, usage, vendor: uses[0]?.vendor, connection, tag, releaseDate: undefined };
  }
  if (cooling) {
    const { vendor, releaseDate } = cooling;
    return {
      status: 'COOLING',
      usage: [],
      vendor,
      connection: cooling.connection,
      tag: cooling.tag ?? tag,
      releaseDate,
    };
  }
  return { status: 'AVAILABLE', usage: [], vendor: undefined, connection: undefined, tag, releaseDate: undefined };
}

/** Sorting keeps the order of uses of the same instant, so the one that came first stays first. */
function byTime(a: { since: Instant }, b: { since: Instant }): number {
  return a.since < b.since ? -1 : a.since > b.since ? 1 : 0;
}
