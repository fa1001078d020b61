/** How long a number cools: the value of the macro `audiocodes_cooling_duration`. */
import type { Instant } from './number.js';

const DAY = 86_400_000;
const MOST_DAYS = 999;

export interface Duration {
  readonly ms: number;
  /** As people read it in the tag: `2 days`, or the duration itself. */
  readonly label: string;
}

/**
 * A whole number from 1 to 999 means days ("the cooling period (days)", AudioCodes Device Number Integration); an ISO 8601 duration of days,
 * hours, minutes and seconds is accepted beside it, so that a period can be shorter than a day. At most 999 days either way.
 * @returns undefined for anything else
 */
export function parseDuration(value: string): Duration | undefined {
  if (/^[1-9]\d{0,2}$/.test(value)) return { ms: Number(value) * DAY, label: `${value} days` };
  const match = /^P(?:(\d{1,3})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?$/.exec(value);
  if (!match) return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  const ms = (days ?? 0) * DAY + (hours ?? 0) * 3_600_000 + (minutes ?? 0) * 60_000 + (seconds ?? 0) * 1_000;
  return ms > 0 && ms <= MOST_DAYS * DAY ? { ms, label: value } : undefined;
}

export function plus(instant: Instant, ms: number): Instant {
  return new Date(Date.parse(instant) + ms).toISOString();
}

export function plusDays(instant: Instant, days: number): Instant {
  return plus(instant, days * DAY);
}
