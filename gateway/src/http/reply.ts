/** Answers of the gateway's own: JSON, and never sniffed, framed or cached by anybody. */
import type { ServerResponse } from 'node:http';

export type Headers = Readonly<Record<string, string>>;

/** Of every answer. */
export const always: Headers = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

export function send(response: ServerResponse, status: number, headers: Headers, body: string | Buffer): void {
  // The caller went away, or a handler that lost a race answers late.
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { ...always, ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

export function sendJson(response: ServerResponse, status: number, value: unknown, headers: Headers = {}): void {
  send(response, status, { 'content-type': 'application/json; charset=utf-8', ...headers }, JSON.stringify(value));
}

/** A refusal before GraphQL was reached, in the shape a GraphQL client can show. */
export function sendError(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  headers: Headers = {},
  details: Readonly<Record<string, unknown>> = {},
): void {
  sendJson(response, status, { errors: [{ message, extensions: { ...details, code } }] }, headers);
}
