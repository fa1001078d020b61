/** The id that ties a caller's request to every log line and every outward call it leads to. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Long enough for any tracing system's ids, and nothing that could break out of a log line or header. */
const acceptable = /^[A-Za-z0-9][A-Za-z0-9._:-]{7,127}$/;

/** The caller's own id when it is well formed, else a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const offered = request.headers['x-request-id'];
  return typeof offered === 'string' && acceptable.test(offered) ? offered : randomUUID();
}
