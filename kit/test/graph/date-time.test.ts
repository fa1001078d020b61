import { GraphQLError, Kind } from 'graphql';
import { describe, expect, it } from 'vitest';
import { dateTime } from '../../src/graph/date-time.js';

describe('DateTime', () => {
  it.each([
    ['2026-03-01T09:30:00Z', '2026-03-01T09:30:00.000Z'],
    ['2026-03-01T09:30Z', '2026-03-01T09:30:00.000Z'],
    ['2026-03-01T00:30:00.1234+02:00', '2026-02-28T22:30:00.123Z'],
    ['2024-02-29T23:59:59-11:30', '2024-03-01T11:29:59.000Z'],
  ])('takes %s for %s', (given, instant) => {
    expect(dateTime.parseValue(given)).toBe(instant);
    expect(dateTime.parseLiteral({ kind: Kind.STRING, value: given })).toBe(instant);
    expect(dateTime.serialize(given)).toBe(instant);
  });

  it.each([
    ['a day alone', '2026-03-01'],
    ['no zone', '2026-03-01T09:30:00'],
    ['a day there is not', '2026-02-30T00:00:00Z'],
    ['a leap day of a year without', '2026-02-29T00:00:00Z'],
    ['a month there is not', '2026-13-01T00:00:00Z'],
    ['an hour there is not', '2026-03-01T25:00:00Z'],
    ['a sentence', 'tomorrow'],
    ['a number', 1_767_225_600_000],
    ['nothing', null],
  ])('refuses %s as the client’s mistake', (_what, value) => {
    expect(() => dateTime.parseValue(value)).toThrow(GraphQLError);
  });

  it('refuses literals of other kinds', () => {
    expect(() => dateTime.parseLiteral({ kind: Kind.INT, value: '1' })).toThrow(GraphQLError);
  });

  it('does not blame the client for a malformed instant in the store', () => {
    expect(() => dateTime.serialize('yesterday')).toThrow(TypeError);
  });
});
