/** When a schedule is due: five-field cron in an IANA time zone. The library only computes; nothing here runs a timer. */
import { Cron } from 'croner';
import { toInstant } from '../clock/clock.js';
import type { Refusal } from '../graph/refusal.js';
import type { Instant } from '../storage/port.js';
import { firstInstantOf, wallTimeAt } from './local-time.js';

/** The second field of a schedule that says nothing about hours. */
const EVERY_HOUR = /^(?:\*|0-23)(?:\/1)?$/;

/**
 * The first time after `after` (milliseconds since 1970), or nothing when it never comes. A schedule for every hour (`*` or `0-23` in its second field) is
 * due by the clock that never changes. Any other is due at local times: one that a change of clocks skips at the first moment after the gap, however many
 * are skipped at once, and one that occurs twice the first time.
 * @throws Error when the expression or the zone is unfit, see {@link checkTiming}
 */
export function nextDue(cron: string, timeZone: string, after: number): Instant | undefined {
  if (EVERY_HOUR.test(cron.trim().split(/\s+/)[1] ?? '')) return instantOf(nextOf(cron, timeZone, after));
  let wall: number | undefined = wallTimeAt(after, timeZone);
  for (;;) {
    wall = nextOf(cron, 'UTC', wall);
    if (wall === undefined) return undefined;
    const instant = firstInstantOf(wall, timeZone);
    // One of the times that the clocks show again has been.
    if (instant > after) return instantOf(instant);
  }
}

function nextOf(cron: string, timezone: string, after: number): number | undefined {
  return new Cron(cron, { timezone, mode: '5-part', paused: true }).nextRun(new Date(after))?.getTime();
}

function instantOf(milliseconds: number | undefined): Instant | undefined {
  return milliseconds === undefined ? undefined : toInstant(milliseconds);
}

const LONGEST = 256;

/** @param now a moment to look for the next time from: an expression that never comes is refused */
export function checkTiming(cron: string, timeZone: string, now: number): Refusal<'INVALID'>[] {
  if (!isTimeZone(timeZone)) {
    return [{ code: 'INVALID', message: 'This is no IANA time zone such as Europe/Berlin or UTC.', field: 'timeZone' }];
  }
  const field = 'cron';
  if (cron.length > LONGEST) {
    return [{ code: 'INVALID', message: `A schedule is no longer than ${LONGEST} characters.`, field }];
  }
  if (cron.trim().split(/\s+/).length !== 5) {
    return [
      { code: 'INVALID', message: 'A schedule has five fields: minute, hour, day of month, month, weekday.', field },
    ];
  }
  try {
    if (nextDue(cron, timeZone, now)) return [];
    return [{ code: 'INVALID', message: 'No date is ever reached by this schedule.', field }];
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).replace(/^Cron\w+: /, '');
    return [{ code: 'INVALID', message: `This is no cron expression: ${reason.replace(/\.?$/, '.')}`, field }];
  }
}

function isTimeZone(name: string): boolean {
  // Node also takes offsets such as +01:00, which know no change of clocks.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
