/** Between instants and what clocks on the wall show in a time zone. Wall times are milliseconds as if the wall were in UTC. */

const formats = new Map<string, Intl.DateTimeFormat>();

/** What the clocks of a zone show at an instant. @throws RangeError when the zone is none */
export function wallTimeAt(instant: number, timeZone: string): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(instant)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** The first instant at which the clocks show a wall time; where they skip it, the first one after the gap. */
export function firstInstantOf(wall: number, timeZone: string): number {
  const offsetAt = (instant: number) => wallTimeAt(instant, timeZone) - Math.floor(instant / 1000) * 1000;
  // No zone is further from UTC, and none changes its clocks twice so soon.
  const day = 26 * 3_600_000;
  const [before, after] = [offsetAt(wall - day), offsetAt(wall + day)];
  const candidates = [wall - before, wall - after].sort((one, other) => one - other);
  const first = candidates.find((instant) => wallTimeAt(instant, timeZone) === wall);
  if (first !== undefined) return first;
  let [low = wall, high = wall] = candidates;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (wallTimeAt(middle, timeZone) > wall) high = middle;
    else low = middle;
  }
  return high;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'iso8601',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, format);
  }
  return format;
}
