/** The event log of another service, read over HTTP. */
import type { Clock } from '../clock/clock.js';
import { formatCursor } from '../log/cursor.js';
import type { FollowedLog, FollowerProgress, LogBatch, LoggedEvent, LogRead, LogState } from '../log/event.js';
import type { Logger } from '../logging/logger.js';
import { AppendBell } from './append-bell.js';
import { LONGEST_WAIT } from './log-route.js';
import { ServiceError, type ServiceClient } from './service-client.js';

/** Milliseconds an answer may take beyond what it was told to wait. */
const TIMEOUT = 10_000;

interface Answer extends LogBatch {
  readonly state: LogState;
}

interface LogQuery {
  readonly limit: number;
  readonly after?: number;
  readonly types?: string;
  readonly wait?: number;
}

export class RemoteLog implements FollowedLog {
  readonly #client: ServiceClient;
  readonly #bell: AppendBell;
  #progress: FollowerProgress | undefined;

  /** @param client is the caller's to close, after {@link close} */
  constructor(client: ServiceClient, { clock, logger }: { clock: Clock; logger: Logger }) {
    this.#client = client;
    this.#bell = new AppendBell({
      source: client.service,
      clock,
      logger,
      head: async (known, signal) => {
        const wait = known === undefined ? {} : { after: known, wait: LONGEST_WAIT };
        return (await this.#get({ limit: 0, ...wait }, signal)).state.head;
      },
    });
  }

  /** @throws ServiceError */
  async state(): Promise<LogState> {
    return (await this.#get({ limit: 0 })).state;
  }

  /** May hold fewer events than asked for and still not be at the end, as an answer's size is bounded. @throws ServiceError */
  async read({ after, types, limit }: LogRead): Promise<LogBatch> {
    const { events, upTo } = await this.#get({ after, limit, ...(types && { types: types.join(',') }) });
    return { events, upTo };
  }

  onAppend(listener: () => void): () => void {
    return this.#bell.listen(listener);
  }

  /** Goes with the next request. */
  report(progress: FollowerProgress): void {
    this.#progress = progress;
  }

  /** Stop to listen. */
  close(): void {
    this.#bell.stop();
  }

  async #get(query: LogQuery, signal?: AbortSignal): Promise<Answer> {
    const told = this.#progress && {
      follower: this.#progress.follower,
      applied: formatCursor(this.#progress.epoch, this.#progress.position),
    };
    const pairs = Object.entries({ ...query, ...told }).map(([name, value]): [string, string] => [name, String(value)]);
    const path = `/internal/log?${new URLSearchParams(pairs).toString()}`;
    const timeout = (query.wait ?? 0) * 1_000 + TIMEOUT;
    const request = { method: 'GET', path, timeout, ...(signal && { signal }) } as const;
    // The bell has its own way of trying again.
    return this.#parse(await (signal ? this.#client.once(request) : this.#client.ask(request)));
  }

  #parse(text: string): Answer {
    try {
      const lines = text.trimEnd().split('\n');
      const { upTo, state } = JSON.parse(lines.pop() ?? '') as Pick<Answer, 'upTo' | 'state'>;
      if (!Number.isSafeInteger(upTo) || !Number.isSafeInteger(state.head)) throw new Error('the last line is missing');
      return { events: lines.map((line) => JSON.parse(line) as LoggedEvent), upTo, state };
    } catch (error) {
      throw new ServiceError('FAILED', `${this.#client.service} answered with something that is no log`, {
        cause: error,
      });
    }
  }
}
