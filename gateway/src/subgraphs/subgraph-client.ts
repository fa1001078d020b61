/** Requests to one subgraph: a bounded pool of kept connections, a limit on time and size, and another try where that can do no harm. */
import { setTimeout as delay } from 'node:timers/promises';
import { performance } from 'node:perf_hooks';
import { STARTING } from '@numberyard/kit/service/message';
import { Pool } from 'undici';
import type { Dispatcher } from 'undici';

export interface SubgraphClientOptions {
  readonly url: URL;
  /** Connections at a time; further requests wait for one. */
  readonly connections: number;
  /** Milliseconds for an answer, tries and waiting included. */
  readonly timeout: number;
  /** Bytes. */
  readonly responseSize: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** In lower case, without parameters. */
  readonly contentType: string;
  readonly text: string;
}

export interface HttpQuestion {
  readonly method: 'GET' | 'POST';
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whether it does no harm when it arrives twice. */
  readonly repeatable: boolean;
}

/** Why there is no answer. UNREACHABLE: nothing was done; CUT: it may have arrived. */
export type NoAnswerReason = 'UNREACHABLE' | 'CUT' | 'LATE' | 'TOO_LARGE';

export class NoAnswer extends Error {
  readonly reason: NoAnswerReason;
  constructor(reason: NoAnswerReason, cause?: unknown) {
    super(`no answer: ${reason}`, { cause });
    this.name = 'NoAnswer';
    this.reason = reason;
  }
}

/** Milliseconds before each further try, give or take half: enough for a replica to take over, too little to be noticed much. */
const pauses = [50, 150, 450];
/** A connection that takes longer than this goes nowhere. */
const connectTimeout = 3_000;
/** Characters of an answer that says why nothing is served, for the log. */
const longestReason = 300;
/** Of connections that are kept; what the server announces by `keep-alive` counts where it is shorter. */
const keepAliveTimeout = 4_000;

const neverConnected = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);
/** Told by proxies, and by servers that are starting or stopping. */
const notServing = new Set([502, 503, 504]);

export class SubgraphClient {
  readonly #pool: Pool;
  readonly #options: SubgraphClientOptions;

  constructor(options: SubgraphClientOptions) {
    this.#options = options;
    this.#pool = new Pool(options.url.origin, {
      connections: options.connections,
      pipelining: 1,
      keepAliveTimeout,
      connect: { timeout: connectTimeout },
      maxResponseSize: options.responseSize,
      // The time limit is per question and ours; these only have to come after it.
      headersTimeout: options.timeout * 2,
      bodyTimeout: options.timeout * 2,
    });
  }

  /** @throws NoAnswer */
  async ask(question: HttpQuestion): Promise<HttpAnswer> {
    const abort = new AbortController();
    const end = performance.now() + this.#options.timeout;
    const timer = setTimeout(() => abort.abort(), this.#options.timeout);
    try {
      return await this.#untilAnswered(question, abort.signal, end);
    } catch (error) {
      if (abort.signal.aborted) throw new NoAnswer('LATE', error);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #untilAnswered(question: HttpQuestion, signal: AbortSignal, end: number): Promise<HttpAnswer> {
    for (let tries = 0; ; tries += 1) {
      const pause = (pauses[tries] ?? Infinity) * (0.5 + Math.random());
      const last = performance.now() + pause >= end;
      try {
        return await this.#once(question, signal);
      } catch (error) {
        const again = error instanceof NoAnswer && isWorthAnotherTry(error.reason, question.repeatable);
        if (last || !again) throw error;
      }
      await delay(pause, undefined, { signal });
    }
  }

  async #once(question: HttpQuestion, signal: AbortSignal): Promise<HttpAnswer> {
    const { method, path, headers, body = null } = question;
    let response: Dispatcher.ResponseData;
    try {
      response = await this.#pool.request({ method, path, headers, body, signal });
    } catch (error) {
      throw new NoAnswer(isConnectFailure(error) ? 'UNREACHABLE' : 'CUT', error);
    }
    const { statusCode: status } = response;
    try {
      if (notServing.has(status)) {
        const said = await response.body.text();
        const cause = new Error(`It answered ${status}: ${said.slice(0, longestReason)}`);
        throw new NoAnswer(isStarting(said) ? 'UNREACHABLE' : 'CUT', cause);
      }
      const { 'content-type': type = '' } = response.headers;
      const contentType = String(type).split(';', 1)[0]?.trim().toLowerCase() ?? '';
      return { status, contentType, text: await response.body.text() };
    } catch (error) {
      if (error instanceof NoAnswer) throw error;
      throw new NoAnswer(codeOf(error) === 'UND_ERR_RES_EXCEEDED_MAX_SIZE' ? 'TOO_LARGE' : 'CUT', error);
    }
  }
}

/** Any other one of them may come from a proxy, or from behind a database that broke, where the question has arrived. */
function isStarting(said: string): boolean {
  try {
    const { errors } = JSON.parse(said) as { errors?: { extensions?: { code?: unknown } }[] };
    return errors?.[0]?.extensions?.code === STARTING;
  } catch {
    return false;
  }
}

function isWorthAnotherTry(reason: NoAnswerReason, repeatable: boolean): boolean {
  return reason === 'UNREACHABLE' || (reason === 'CUT' && repeatable);
}

function isConnectFailure(error: unknown): boolean {
  // Several addresses were tried, none connected.
  if (error instanceof AggregateError) return true;
  const syscall = error instanceof Error && 'syscall' in error ? error.syscall : undefined;
  return syscall === 'connect' || syscall === 'getaddrinfo' || neverConnected.has(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
