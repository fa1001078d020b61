/** Routes of a subgraph in another process: both bodies are passed on as they come, at the pace of whoever takes them. */
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { frames } from '@numberyard/kit/service/frames';
import { Refused } from '@numberyard/kit/service/message';
import type { RouteAnswer } from '@numberyard/kit/service/routes';
import { signCaller, STREAM_HEADER, streamHead } from '@numberyard/kit/service/signature';
import { Pool, type Dispatcher } from 'undici';
import type { Logger } from '../logger.js';
import type { HttpSubgraph } from '../subgraphs/http-source.js';
import type { PassedRequest, RouteSource } from './route-source.js';

export interface HttpRoutesOptions {
  readonly subgraph: HttpSubgraph;
  /** Streams at a time. */
  readonly connections: number;
  readonly logger: Logger;
}

const connectTimeout = 3_000;
const keepAliveTimeout = 4_000;
/** Milliseconds before another try of what only reads. */
const pauses = [100, 400];
/** Told by proxies, and by servers that are starting or stopping. */
const notServing = new Set([502, 503, 504]);

export class HttpRoutes implements RouteSource {
  readonly #options: HttpRoutesOptions;
  readonly #pool: Pool;

  constructor(options: HttpRoutesOptions) {
    this.#options = options;
    this.#pool = new Pool(new URL(options.subgraph.url).origin, {
      connections: options.connections,
      pipelining: 1,
      keepAliveTimeout,
      connect: { timeout: connectTimeout },
      // Streams that stand still are cut at the caller's end.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  async ask(request: PassedRequest): Promise<RouteAnswer> {
    // A body can be sent once.
    const tries = request.method === 'GET' ? pauses : [];
    for (const pause of tries) {
      const answer = await this.#once(request);
      if (answer !== undefined) return answer;
      await delay(pause * (0.5 + Math.random()), undefined, { signal: request.signal });
    }
    const answer = await this.#once(request);
    if (answer === undefined)
      throw new Refused(503, 'SUBGRAPH_UNAVAILABLE', `${this.#options.subgraph.name} cannot be reached.`);
    return answer;
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  /** undefined when it could not be reached, or does not serve. */
  async #once(request: PassedRequest): Promise<RouteAnswer | undefined> {
    let response: Dispatcher.ResponseData;
    try {
      response = await this.#pool.request(this.#message(request));
    } catch (error) {
      // The caller left, or its body was refused on the way.
      if (request.signal.aborted || error instanceof Refused) throw error;
      const { requestId } = request;
      this.#options.logger.warn(
        { err: error, requestId, subgraph: this.#options.subgraph.name },
        'a subgraph did not answer',
      );
      return undefined;
    }
    const { statusCode: status, headers, body } = response;
    if (status === 200) return { headers: textsOf(headers), body };
    const said = await body.text();
    return notServing.has(status) ? undefined : this.#refuse(status, said);
  }

  #message({ method, target: path, headers, identity, requestId, body, signal }: PassedRequest) {
    const { signingSecret: secret } = this.#options.subgraph;
    const message = { method, path, signal, headers: { ...headers, 'x-request-id': requestId } };
    if (secret === undefined) return { ...message, body: method === 'GET' ? null : Readable.from(body) };
    const signed = { ...streamHead({ method, path, headers }), caller: { identity }, now: Date.now() };
    const head = signCaller(secret, signed);
    return {
      ...message,
      headers: { ...message.headers, [STREAM_HEADER]: head },
      body: method === 'GET' ? null : Readable.from(frames(body, secret, head)),
    };
  }

  #refuse(status: number, said: string): never {
    const { name, signingSecret } = this.#options.subgraph;
    if (status === 401 && signingSecret !== undefined)
      throw new Error(`${name} does not accept the gateway's signature: the secrets or the clocks of the two differ.`);
    const { message, code, details } = readRefusal(said);
    if (status < 400 || status >= 500 || code === undefined) throw new Error(`${name} answered ${status}: ${message}`);
    throw new Refused(status, code, message, details);
  }
}

function textsOf(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((each): each is [string, string] => typeof each[1] === 'string'),
  );
}

function readRefusal(said: string): { message: string; code?: string; details: Record<string, unknown> } {
  try {
    const { errors } = JSON.parse(said) as { errors: { message: string; extensions: Record<string, unknown> }[] };
    const { message = '', extensions: { code, ...details } = {} } = errors[0] ?? {};
    return { message: String(message), details, ...(typeof code === 'string' && { code }) };
  } catch {
    return { message: 'no reason given', details: {} };
  }
}
