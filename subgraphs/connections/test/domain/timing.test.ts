import { describe, expect, test } from 'vitest';
import { checkTiming, nextDue } from '../../src/domain/timing.js';

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
