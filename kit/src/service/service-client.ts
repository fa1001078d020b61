/** Requests of one service to another: signed, over kept connections, each with a time-out. */
import { Pool } from 'undici';
import type { Clock } from '../clock/clock.js';
import { IDENTITY_HEADER, signCaller } from './signature.js';

export interface ServiceClientOptions {
  /** Name of the service that is called, for messages. */
  readonly service: string;
  /** Its address; path and query do not count. */
  readonly url: string;
  /** Name of the service that calls. */
  readonly caller: string;
  readonly secret: string;
  readonly clock: Clock;
}

export interface ServiceRequest {
  readonly method: 'GET' | 'POST';
  /** With the query. */
  readonly path: string;
  /** JSON. */
  readonly body?: string;
  /** Milliseconds until the answer has come whole. */
  readonly timeout: number;
  readonly signal?: AbortSignal;
}

/** Why a service did not answer as it should; the message says which one and where, for operators. */
export class ServiceError extends Error {
  /** `UNAVAILABLE`: try later; `REFUSED`: the request was understood and turned down; `FAILED`: the other side broke. */
  readonly code: 'UNAVAILABLE' | 'REFUSED' | 'FAILED';
  constructor(code: ServiceError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ServiceError';
    this.code = code;
  }
}

/** Idle connections are kept this long, milliseconds: less than the server does. */
const KEEP_ALIVE = 30_000;
const CONNECT_TIMEOUT = 3_000;
const CONNECTIONS = 16;
/** Bytes of an answer; several times what a service makes of a log or a listing. */
const ANSWER_SIZE = 64_000_000;
/** Told by servers that are starting or stopping, and by what may stand before them. */
const NOT_SERVING = new Set([502, 503, 504]);
/** Milliseconds before each further try, give or take half. */
const PAUSES = [100, 400];

export class ServiceClient {
  readonly #options: ServiceClientOptions;
  readonly #pool: Pool;
  readonly #origin: string;

  constructor(options: ServiceClientOptions) {
    this.#options = options;
    this.#origin = new URL(options.url).origin;
    this.#pool = new Pool(this.#origin, {
      connections: CONNECTIONS,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE,
      maxResponseSize: ANSWER_SIZE,
      connect: { timeout: CONNECT_TIMEOUT },
    });
  }

  /** Name of the service that is called. */
  get service(): string {
    return this.#options.service;
  }

  /** The body of a good answer. @throws ServiceError */
  async once(request: ServiceRequest): Promise<string> {
    const { service, caller, secret, clock } = this.#options;
    const { method, path, body = '', timeout } = request;
    const header = signCaller(secret, { method, path, body, caller: { service: caller }, now: clock.now() });
    const late = new AbortController();
    const leave = () => late.abort();
    const timer = setTimeout(leave, timeout);
    request.signal?.addEventListener('abort', leave);
    if (request.signal?.aborted) leave();
    try {
      const response = await this.#pool.request({
        method,
        path,
        headers: { [IDENTITY_HEADER]: header, ...(request.body && { 'content-type': 'application/json' }) },
        body: request.body ?? null,
        signal: late.signal,
        // The time limit is ours; these only have to come after it.
        headersTimeout: timeout * 2,
        bodyTimeout: timeout * 2,
      });
      const text = await response.body.text();
      if (response.statusCode === 200) return text;
      throw this.#refusal(response.statusCode, text);
    } catch (error) {
      if (error instanceof ServiceError) throw error;
      const problem = late.signal.aborted
        ? `did not answer in ${timeout} ms`
        : `cannot be reached (${reasonOf(error)})`;
      throw new ServiceError('UNAVAILABLE', `${service} at ${this.#origin} ${problem}`, { cause: error });
    } finally {
      clearTimeout(timer);
      request.signal?.removeEventListener('abort', leave);
    }
  }

  /** The same, tried up to three times; for what may arrive twice. @throws ServiceError */
  async ask(request: ServiceRequest): Promise<string> {
    for (const pause of PAUSES) {
      try {
        return await this.once(request);
      } catch (error) {
        if (!(error instanceof ServiceError) || error.code !== 'UNAVAILABLE' || request.signal?.aborted) throw error;
        await this.#options.clock.sleep(pause * (0.5 + Math.random()), request.signal);
      }
    }
    return this.once(request);
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  #refusal(status: number, text: string): ServiceError {
    const who = `${this.#options.service} at ${this.#origin}`;
    if (status === 401) {
      const advice = 'all services need the same signing secret, and clocks within a minute of each other';
      return new ServiceError('REFUSED', `${who} does not accept our signature: ${advice}`);
    }
    const message = `${who} answered ${status}: ${told(text)}`;
    if (NOT_SERVING.has(status)) return new ServiceError('UNAVAILABLE', message);
    return new ServiceError(status < 500 ? 'REFUSED' : 'FAILED', message);
  }
}

function told(text: string): string {
  try {
    const { errors } = JSON.parse(text) as { errors?: { message?: unknown }[] };
    return String(errors?.[0]?.message ?? 'no reason given');
  } catch {
    return 'no reason given';
  }
}

function reasonOf(error: unknown): string {
  // Several addresses were tried, none connected.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const { code, message } = first as NodeJS.ErrnoException;
  return code ?? message ?? String(first);
}
