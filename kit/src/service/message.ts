/** Requests and answers of a service, as far as all its routes share them. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** What a request is refused with. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  /** What else is told, e.g. the field it is about. */
  readonly details: Readonly<Record<string, unknown>>;
  constructor(status: number, code: string, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = 'Refused';
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** Code of the 503 of a service that does not serve yet: nothing was done, whatever was asked. */
export const STARTING = 'STARTING';

/**
 * The body, byte by byte as it was signed.
 * @throws Refused 413 too large, 400 cut
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLarge = () => new Refused(413, 'PAYLOAD_TOO_LARGE', `The body is larger than ${limit} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        request.removeAllListeners('data');
        reject(tooLarge());
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('close', () => {
      if (!request.complete) reject(new Refused(400, 'BAD_REQUEST', 'The body was cut.'));
    });
  });
}

/** @throws Refused 400 no JSON */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new Refused(400, 'BAD_REQUEST', 'The body is no JSON.');
  }
}

export function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  // The caller went away, or was answered already.
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, 'application/json; charset=utf-8', JSON.stringify(value));
}

/** In the shape of a GraphQL answer, which every caller can read. */
export function sendRefusal(response: ServerResponse, { status, code, message, details }: Refused): void {
  sendJson(response, status, { errors: [{ message, extensions: { ...details, code } }] });
}

/** Fit for log lines and headers. */
const REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{7,127}$/;

/** The caller's own id of the request when it is well formed, else a new one. */
export function requestIdOf(offered: unknown): string {
  return typeof offered === 'string' && REQUEST_ID.test(offered) ? offered : randomUUID();
}
