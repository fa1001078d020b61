import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { toInstant } from '../clock/clock.js';
import type { Instant } from '../storage/port.js';

const FORM = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

function read(value: unknown): Instant | undefined {
  const date = typeof value === 'string' ? FORM.exec(value)?.[1] : undefined;
  // Date.parse takes the 30th of February for the 2nd of March.
  if (!date || !isDay(date)) return undefined;
  const ms = Date.parse(value as string);
  return Number.isNaN(ms) ? undefined : toInstant(ms);
}

function isDay(date: string): boolean {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(midnight) && toInstant(midnight).startsWith(date);
}

function parse(value: unknown): Instant {
  const instant = read(value);
  if (instant === undefined) {
    throw new GraphQLError('A DateTime is an ISO 8601 text with a zone, e.g. 2026-03-01T09:30:00Z.', {
      extensions: { code: 'BAD_USER_INPUT' },
    });
  }
  return instant;
}

function serialize(value: unknown): Instant {
  const instant = read(value);
  if (instant === undefined) throw new TypeError('a stored instant is malformed');
  return instant;
}

/** The scalar of the common schema: instants go in with any zone and come out in UTC with milliseconds. */
export const dateTime = new GraphQLScalarType<Instant, Instant>({
  name: 'DateTime',
  serialize,
  parseValue: parse,
  parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : undefined),
});
