import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { toInstant } from '../clock/clock.js';
import type { Instant } from '../storage/port.js';

const FORM = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

function parse(value: unknown): Instant {
  const ms = typeof value === 'string' && FORM.test(value) ? Date.parse(value) : NaN;
  if (Number.isNaN(ms)) {
    throw new GraphQLError('A DateTime is an ISO 8601 text with a zone, e.g. 2026-03-01T09:30:00Z.', {
      extensions: { code: 'BAD_USER_INPUT' },
    });
  }
  return toInstant(ms);
}

/** The scalar of the common schema: instants go in with any zone and come out in UTC with milliseconds. */
export const dateTime = new GraphQLScalarType<Instant, Instant>({
  name: 'DateTime',
  serialize: parse,
  parseValue: parse,
  parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : undefined),
});
