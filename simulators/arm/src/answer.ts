/** Answers as data; the server turns them into bytes, a fault may put another in their place. */
import type { ErrorAnswer } from './wire.js';

export interface Answer {
  readonly status: number;
  /** Sent as JSON; none for 204. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export function ok(body: unknown): Answer {
  return { status: 200, body };
}

export function failure(
  status: number,
  code: string,
  message: string,
  more: { details?: Record<string, unknown>; headers?: Record<string, string> } = {},
): Answer {
  const body: ErrorAnswer = { code, message, ...(more.details && { details: more.details }) };
  return { status, body, ...(more.headers && { headers: more.headers }) };
}

export function unauthorized(message: string): Answer {
  return failure(401, 'UNAUTHORIZED', message, { headers: { 'www-authenticate': 'Basic realm="ARM"' } });
}

export function notFound(what: string): Answer {
  return failure(404, 'NOT_FOUND', `There is no ${what}.`);
}

export function badRequest(message: string, details?: Record<string, unknown>): Answer {
  return failure(400, 'BAD_REQUEST', message, details && { details });
}
