/** One HTTP call to a routing manager, bounded in size and time. Redirects are answers like any other. */
import { Pool } from 'undici';
import type { buildConnector } from 'undici';
import type { RoutingManagerAddress } from '../domain/routing-manager-address.js';
import { connectionFailure, speaksNoTls, tookTooLong } from './failures.js';
import { RoutingManagerError } from './routing-manager-error.js';

/** Milliseconds and bytes. */
export interface Bounds {
  readonly connectMs: number;
  /** Until the head of the answer. */
  readonly headersMs: number;
  /** Between two pieces of the body. */
  readonly bodyMs: number;
  /** The whole call. */
  readonly callMs: number;
  readonly responseBytes: number;
  /** The longest a routing manager may ask to be left alone; it is called again after this even where it asks for more. */
  readonly retryAfterMs: number;
  /** Calls at once. */
  readonly connections: number;
}

export const DEFAULT_BOUNDS: Bounds = {
  connectMs: 10_000,
  headersMs: 30_000,
  bodyMs: 15_000,
  callMs: 60_000,
  responseBytes: 16 * 1024 * 1024,
  retryAfterMs: 30_000,
  connections: 4,
};

export interface Request {
  readonly method: 'GET' | 'POST';
  /** With the base path and the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Response {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** Whether it sends the caller to another host or port. */
  readonly sendsElsewhere: boolean;
  readonly text: string;
}

export interface TransportOptions {
  readonly target: RoutingManagerAddress;
  readonly bounds: Bounds;
  readonly connect: buildConnector.connector;
  /** Asked when the peer turns out not to speak TLS: whether to go on without. */
  readonly mayUsePlainHttp: () => boolean;
}

export class Transport {
  readonly #options: TransportOptions;
  #pool: Pool;
  #scheme: 'https' | 'http' = 'https';
  #closed = false;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#pool = this.#open();
  }

  /**
   * @throws RoutingManagerError when there is no whole answer
   * @throws the signal's reason when it was aborted
   */
  async call(request: Request, signal: AbortSignal | undefined): Promise<Response> {
    signal?.throwIfAborted();
    const { callMs } = this.#options.bounds;
    const ended = new AbortController();
    const abort = () => ended.abort();
    const timer = setTimeout(abort, callMs);
    signal?.addEventListener('abort', abort, { once: true });
    let begun = false;
    try {
      const { statusCode, headers, body } = await this.#send(request, ended.signal);
      begun = true;
      const retryAfter = headers['retry-after'];
      return {
        status: statusCode,
        retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
        sendsElsewhere: statusCode >= 300 && statusCode < 400 && this.#isElsewhere(headers['location']),
        text: await body.text(),
      };
    } catch (error) {
      signal?.throwIfAborted();
      if (this.#closed)
        throw new RoutingManagerError('HOST_UNREACHABLE', 'The connection to the routing manager was closed.');
      throw ended.signal.aborted ? tookTooLong(callMs / 1000, begun) : connectionFailure(error, begun);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Cuts every connection; calls under way fail. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#pool.destroy();
  }

  async #send(request: Request, signal: AbortSignal): Promise<Awaited<ReturnType<Pool['request']>>> {
    const pool = this.#pool;
    try {
      return await pool.request({ ...request, signal });
    } catch (error) {
      if (!speaksNoTls(error) || !this.#options.mayUsePlainHttp()) throw error;
      if (pool === this.#pool) {
        this.#scheme = 'http';
        this.#pool = this.#open();
        await pool.destroy();
      }
      return this.#pool.request({ ...request, signal });
    }
  }

  /** Whether a Location is of another host or port; the scheme makes no difference. */
  #isElsewhere(location: string | string[] | undefined): boolean {
    if (typeof location !== 'string') return false;
    const { target } = this.#options;
    try {
      const own = new URL(originOf(target, this.#scheme));
      const { protocol, hostname, port } = new URL(location, own);
      const usual = protocol === 'https:' ? '443' : '80';
      return hostname !== own.hostname || Number(port || usual) !== target.port;
    } catch {
      return true;
    }
  }

  #open(): Pool {
    const { target, bounds, connect } = this.#options;
    return new Pool(originOf(target, this.#scheme), {
      connect,
      connections: bounds.connections,
      pipelining: 1,
      headersTimeout: bounds.headersMs,
      bodyTimeout: bounds.bodyMs,
      maxResponseSize: bounds.responseBytes,
    });
  }
}

/** The port is the same over either scheme, so that what was asked about TLS is what is talked to. */
function originOf({ host, port }: RoutingManagerAddress, scheme: 'https' | 'http'): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
