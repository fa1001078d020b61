import { describe, expect, test } from 'vitest';
import { checkTiming, nextDue } from '../../src/schedule/timing.js';

const at = (text: string) => Date.parse(text);

describe('the next time of a schedule', () => {
  test.each([
    ['is after now, never now', '0 2 * * *', 'UTC', '2026-01-01T02:00:00Z', '2026-01-02T02:00:00.000Z'],
    [
      'follows the time zone in winter',
      '0 2 * * *',
      'Europe/Berlin',
      '2026-01-01T12:00:00Z',
      '2026-01-02T01:00:00.000Z',
    ],
    [
      'follows the time zone in summer',
      '0 2 * * *',
      'Europe/Berlin',
      '2026-07-01T12:00:00Z',
      '2026-07-02T00:00:00.000Z',
    ],
    [
      'in the hour that is skipped comes right after it',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00:00Z',
      '2026-03-29T01:00:00.000Z',
    ],
    [
      'in the hour that comes twice is its first',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00:00Z',
      '2026-10-25T00:30:00.000Z',
    ],
    [
      'and is not taken again in its second',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-25T00:30:00Z',
      '2026-10-26T01:30:00.000Z',
    ],
    ['finds the end of February', '0 0 29 2 *', 'UTC', '2026-03-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
  ])('%s', (_what, cron, timeZone, after, expected) => {
    expect(nextDue(cron, timeZone, at(after))).toBe(expected);
  });

  /** Every time from one instant on for so many hours. */
  function times(cron: string, timeZone: string, from: string, hours: number): string[] {
    const found: string[] = [];
    let after = at(from);
    for (const end = after + hours * 3_600_000; ;) {
      const next = nextDue(cron, timeZone, after);
      if (next === undefined || at(next) > end) return found.map((time) => time.slice(11, 16));
      expect(at(next)).toBeGreaterThan(after);
      found.push(next);
      after = at(next);
    }
  }

  test.each([
    [
      'every quarter of the hour that is skipped: once after it',
      '*/15 2 * * *',
      'Europe/Berlin',
      '2026-03-28T23:00Z',
      ['01:00'],
    ],
    [
      'and again when it is not the day of the change',
      '*/30 2 * * *',
      'Europe/Berlin',
      '2026-03-29T22:00Z',
      ['00:00', '00:30'],
    ],
    [
      'every quarter of the hour that comes twice: four times',
      '*/15 2 * * *',
      'Europe/Berlin',
      '2026-10-24T22:00Z',
      ['00:00', '00:15', '00:30', '00:45'],
    ],
    ['every two hours, each local hour once', '0 */2 * * *', 'Europe/Berlin', '2026-10-24T22:30Z', ['00:00', '03:00']],
    [
      'every hour goes on by the hour when one comes twice',
      '0 * * * *',
      'Europe/Berlin',
      '2026-10-24T23:30Z',
      ['00:00', '01:00', '02:00', '03:00', '04:00'],
    ],
    [
      'and when one is skipped',
      '0 * * * *',
      'Europe/Berlin',
      '2026-03-28T23:30Z',
      ['00:00', '01:00', '02:00', '03:00', '04:00'],
    ],
    [
      'every hour, written another way',
      '0 */1 * * *',
      'Europe/Berlin',
      '2026-10-24T23:30Z',
      ['00:00', '01:00', '02:00', '03:00', '04:00'],
    ],
    [
      'each hour of the day, written out',
      '0 0-23 * * *',
      'Europe/Berlin',
      '2026-10-24T23:30Z',
      ['00:00', '01:00', '02:00', '03:00', '04:00'],
    ],
    ['a change by half an hour', '15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T13:00Z', ['15:30']],
    ['the same back', '45 1 * * *', 'Australia/Lord_Howe', '2026-04-04T13:00Z', ['14:45']],
    ['a midnight that is skipped', '0 0 * * *', 'America/Havana', '2026-03-08T03:00Z', ['05:00']],
    ['a midnight that comes twice', '0 0 * * *', 'America/Havana', '2026-11-01T02:00Z', ['04:00']],
    [
      'the skipped and the one right after it: once',
      '0,30 2,3 * * *',
      'Europe/Berlin',
      '2026-03-28T23:00Z',
      ['01:00', '01:30'],
    ],
  ])('where clocks change: %s', (_what, cron, timeZone, from, expected) => {
    expect(times(cron, timeZone, from, 5)).toEqual(expected);
  });

  test('a change of clocks that skips a whole day makes up for it once', () => {
    expect(nextDue('0 9 30 12 *', 'Pacific/Apia', at('2011-12-29T20:00:00Z'))).toBe('2011-12-30T10:00:00.000Z');
  });

  test('asked for in the hour that comes the second time, the first time counts as gone', () => {
    expect(nextDue('30 2 * * *', 'Europe/Berlin', at('2026-10-25T01:10:00Z'))).toBe('2026-10-26T01:30:00.000Z');
  });

  test('never comes for a date that does not exist', () => {
    expect(nextDue('0 0 31 2 *', 'UTC', at('2026-01-01T00:00:00Z'))).toBeUndefined();
  });
});

test.each([
  ['*/5 * * * *', 'UTC'],
  ['0 2 * * 1-5', 'America/New_York'],
  ['  0 2 * * MON ', 'Asia/Kolkata'],
])('%j in %s is fine', (cron, timeZone) => {
  expect(checkTiming(cron, timeZone, 0)).toEqual([]);
});
