/** The way to a subgraph's streams: one connection for all of them, opened when it is needed, and again, ever more slowly, when it broke. */
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { SubscribePayload } from 'graphql-ws';
import type { Logger } from '../logger.js';
import { StreamInterrupted } from './failures.js';
import { SubgraphConnection } from './subgraph-connection.js';
import type { OperationSink } from './subgraph-connection.js';

export interface SubgraphSocketOptions {
  readonly name: string;
  /** ws or wss. */
  readonly url: string;
  readonly messageSize: number;
  /** Milliseconds a connection may take. */
  readonly timeout: number;
  readonly pingInterval: number;
  readonly logger: Logger;
}

/** Milliseconds a connection is kept without operations. */
const idleTime = 10_000;
/** Milliseconds before a further attempt, doubled from the first to the last and scattered by half. */
const firstPause = 50;
const longestPause = 2_000;
/** Milliseconds after which a connection counts as one that worked. */
const steady = 5_000;

export class SubgraphSocket {
  readonly #options: SubgraphSocketOptions;
  #connection: Promise<SubgraphConnection> | undefined;
  /** Connections in a row that broke soon or never came about. */
  #failures = 0;
  #idle: NodeJS.Timeout | undefined;
  readonly #closing = new AbortController();

  constructor(options: SubgraphSocketOptions) {
    this.#options = options;
  }

  /**
   * @param payload made when it is sent: a signature is good for a short time only
   * @returns the function that ends it, after which the sink hears no more
   * @throws StreamInterrupted when there is no connection
   */
  async subscribe(payload: () => SubscribePayload, sink: OperationSink): Promise<() => void> {
    const connecting = (this.#connection ??= this.#connect());
    const connection = await connecting;
    if (!connection.open) {
      // The subgraph has said that it stops, but has not let go yet, or has died over it.
      if (this.#connection === connecting) this.#connection = undefined;
      throw new StreamInterrupted('The connection is closing.');
    }
    clearTimeout(this.#idle);
    return connection.subscribe(payload(), sink);
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    this.#closing.abort();
    const connection = await this.#connection?.catch(() => undefined);
    await connection?.closed;
  }

  #connect(): Promise<SubgraphConnection> {
    const connecting: Promise<SubgraphConnection> = this.#open(() => {
      if (this.#connection === connecting) this.#connection = undefined;
    });
    return connecting;
  }

  /** @param forget called as soon as it is good for nothing more */
  async #open(forget: () => void): Promise<SubgraphConnection> {
    const { name, logger, ...options } = this.#options;
    try {
      await this.#pause();
      const connection = new SubgraphConnection({ ...options, onIdle: () => this.#whenIdle(connection, forget) });
      const close = () => connection.close(1000, 'The gateway is stopping');
      this.#closing.signal.addEventListener('abort', close);
      void connection.closed.then(() => this.#closing.signal.removeEventListener('abort', close));
      await connection.acknowledged();
      const begun = performance.now();
      void connection.closed.then((reason) => {
        forget();
        this.#failures = performance.now() - begun < steady ? this.#failures + 1 : 0;
        logger.info({ subgraph: name, reason }, 'the socket to a subgraph closed');
      });
      return connection;
    } catch (error) {
      // Not before the promise is known to whoever forgets it.
      await Promise.resolve();
      forget();
      this.#failures += 1;
      if (!this.#closing.signal.aborted)
        logger.warn({ subgraph: name, err: error }, 'no socket to a subgraph could be opened');
      throw new StreamInterrupted('There is no connection.');
    }
  }

  async #pause(): Promise<void> {
    const { signal } = this.#closing;
    signal.throwIfAborted();
    if (this.#failures === 0) return;
    const pause = Math.min(longestPause, firstPause * 2 ** (this.#failures - 1));
    await delay(pause * (0.5 + Math.random()), undefined, { signal });
  }

  #whenIdle(connection: SubgraphConnection, forget: () => void): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      if (connection.operations > 0) return;
      forget();
      connection.close(1000, 'Idle');
    }, idleTime).unref();
  }
}
