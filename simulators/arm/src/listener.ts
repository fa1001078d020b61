/** From a request to an answer: the control interface, the faults that strike, the northbound interface, the bytes. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { failure, notFound } from './answer.js';
import type { Answer } from './answer.js';
import { answerControl } from './control-over-http.js';
import type { RoutingManagerControl } from './control.js';
import type { Strike } from './fault-switches.js';
import { writeHead } from './mangled-bodies.js';
import { answer, callOf } from './northbound.js';
import type { RoutingManagerState } from './northbound.js';

const CONTROL_PATH = '/control';
const BODY_MAXIMUM = 65_536;

export interface ListenerOptions {
  readonly state: RoutingManagerState;
  readonly control: RoutingManagerControl;
  readonly basePath: string;
  readonly servesControl: boolean;
}

export function requestListener(options: ListenerOptions): RequestListener {
  return (request, response) => {
    handle(request, response, options).catch((error: unknown) => {
      if (response.destroyed) return;
      if (response.headersSent) response.destroy();
      else send(response, failure(500, 'INTERNAL_ERROR', error instanceof Error ? error.message : 'It failed.'));
    });
  };
}

async function handle(request: IncomingMessage, response: ServerResponse, options: ListenerOptions): Promise<void> {
  const { basePath, servesControl, control, state } = options;
  const body = await readJson(request);
  if (body === 'too long') return send(response, failure(413, 'TOO_LONG', 'The request is too long.'));
  const method = request.method ?? 'GET';
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://routing-manager');

  if (servesControl && isBelow(pathname, CONTROL_PATH)) {
    const path = pathname.slice(CONTROL_PATH.length);
    return send(response, await answerControl({ method, path, query, body }, control));
  }
  if (!isBelow(pathname, basePath)) return send(response, notFound('such resource'));

  const path = decodePath(pathname.slice(basePath.length));
  if (path === undefined) return send(response, notFound('such resource'));
  const call = { method, path, query, authorization: request.headers.authorization, body };
  const seen = callOf(call, state);
  if (seen.page === 1) state.registrations.endFlaps();
  const strikes = control.faults.strike(seen);
  for (const { fault, kind } of strikes) {
    const late = kind.delay?.(fault) ?? 0;
    if (late > 0) await untilClosed(response, late);
    kind.before?.(fault, seen);
  }
  const answered = instead(strikes) ?? answer(call, state, seen, strikes);
  for (const { fault, kind } of strikes) kind.after?.(fault, seen);
  send(response, answered, strikes);
}

function instead(strikes: readonly Strike[]): Answer | undefined {
  for (const { fault, kind } of strikes) {
    const answered = kind.answer?.(fault);
    if (answered) return answered;
  }
  return undefined;
}

function send(response: ServerResponse, answered: Answer, strikes: readonly Strike[] = []): void {
  const bytes = answered.body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(answered.body));
  const mangling = strikes.find(({ kind }) => kind.send);
  if (mangling?.kind.send && answered.status === 200) {
    mangling.kind.send(mangling.fault, response, answered, bytes);
    return;
  }
  writeHead(response, answered, bytes.length);
  response.end(bytes);
}

/** Waits, but not for a caller that has gone. */
async function untilClosed(response: ServerResponse, milliseconds: number): Promise<void> {
  const gone = new AbortController();
  const abort = () => gone.abort();
  response.once('close', abort);
  await wait(milliseconds, undefined, { signal: gone.signal }).catch(() => undefined);
  response.off('close', abort);
}

function isBelow(pathname: string, base: string): boolean {
  return pathname === base || pathname.startsWith(`${base}/`);
}

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** undefined when there is no body or it is no JSON; who needs one says what is missing. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= BODY_MAXIMUM) chunks.push(chunk);
  }
  if (length > BODY_MAXIMUM) return 'too long';
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}
