/** Cross-origin access from browsers: none, but for the origins that were configured. */
import type { IncomingMessage } from 'node:http';
import type { Headers } from './reply.js';

/** @returns the headers that let this request's origin read the answer; none when it may not */
export function corsHeaders(request: IncomingMessage, allowedOrigins: readonly string[]): Headers {
  const { origin } = request.headers;
  if (allowedOrigins.length === 0) return {};
  if (origin === undefined || !allowedOrigins.includes(origin)) return { vary: 'Origin' };
  return { vary: 'Origin', 'access-control-allow-origin': origin, 'access-control-expose-headers': 'x-request-id' };
}

export const preflightHeaders: Headers = {
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers':
    'authorization, content-type, x-request-id, apollo-require-preflight, idempotency-key',
  'access-control-max-age': '600',
};
