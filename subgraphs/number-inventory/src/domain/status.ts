/**
 * What is shown of a number when several things hold it at once, by the status table ("Number Status and Usage"): the one function that status, usage,
 * vendor, connection, tag and release date come from.
 */
import type { Instant, InventoryNumber, Status, Usage } from './number.js';
import { STATUS_BY_USAGE } from './status-table.js';

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
    const status = usage.some((each) => STATUS_BY_USAGE.get(each) === 'USED') ? 'USED' : 'USED_UTILITY';
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
