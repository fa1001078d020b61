/** What servers whose answers and bodies are streams have in common: how an answer is written, and how long a request may take to arrive. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Refused, sendRefusal } from './message.js';
import type { RouteAnswer } from './routes.js';

/** What is read of a body that was refused before it came, so that the caller gets to read why; milliseconds. */
const LINGER = 2_000;

/**
 * Write the answer as fast as the caller takes it. One that cannot be brought to its end is cut: the connection breaks before the chunk that would end it.
 * @throws what the answer's body threw; nothing when it was the caller who left
 */
export async function sendStream(
  response: ServerResponse,
  { headers, body }: RouteAnswer,
  always: Readonly<Record<string, string>> = {},
): Promise<void> {
  const content = body[Symbol.asyncIterator]();
  if (response.destroyed) return void (await content.return?.());
  response.writeHead(200, { ...always, ...headers });
  response.flushHeaders();
  let left = false;
  response.once('close', () => (left = !response.writableFinished));
  try {
    await pipeline(Readable.from({ [Symbol.asyncIterator]: () => content }), response);
  } catch (error) {
    const gone = (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE';
    if (!(gone && left)) throw error;
  }
}

/** A signal that is aborted when the response is closed before it was sent whole, or after. */
export function whileAnswered(response: ServerResponse): AbortSignal {
  const ended = new AbortController();
  response.once('close', () => ended.abort());
  if (response.destroyed) ended.abort();
  return ended.signal;
}

/** Cut a stream on which nothing went either way for so long, milliseconds. */
export function cutWhenIdle(response: ServerResponse, idle: number): void {
  response.setTimeout(idle, () => response.destroy());
}

/**
 * Refuse a request that has not arrived whole in time. Node's own limit is one for every request of a server; this one can be left off those whose bodies are
 * streams.
 */
export function limitArrival(request: IncomingMessage, response: ServerResponse, most: number): void {
  if (request.complete) return;
  const timer = setTimeout(() => {
    if (request.complete) return;
    response.shouldKeepAlive = false;
    sendRefusal(response, new Refused(408, 'REQUEST_TIMEOUT', 'The request did not arrive in time.'));
    request.destroy();
  }, most);
  timer.unref();
  const settle = () => clearTimeout(timer);
  request.once('end', settle);
  response.once('close', settle);
}

/** The body as it comes. Whoever stops reading it leaves the connection as it is, for the answer. */
export function bodyOf(request: IncomingMessage): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => request.iterator({ destroyOnReturn: false }) };
}

/** Read on, for a moment, what comes of a body that nobody wants: a connection that is cut meanwhile takes the refusal down with it. */
export function discardRest(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete || response.destroyed) return;
  request.on('error', () => undefined);
  request.resume();
  const timer = setTimeout(() => request.complete || request.destroy(), LINGER);
  timer.unref();
  request.once('close', () => clearTimeout(timer));
}
