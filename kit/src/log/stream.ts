/** A live reading of the log, for subscriptions: what is kept after a cursor, then whatever comes, each event once and in order. */
import type { Clock } from '../clock/clock.js';
import { checkCursor, formatCursor } from './cursor.js';
import type { FollowedLog, LoggedEvent, Retention } from './event.js';

export interface StreamOptions {
  readonly log: FollowedLog;
  readonly clock: Clock;
  /** Go on after this cursor; without it from now on. */
  readonly after?: string | null;
  readonly types: readonly string[];
  /** Retentions of those types: below a floor of one of them the stream would have gaps. */
  readonly retentions: readonly Retention[];
}

export interface StreamedEvent {
  readonly event: LoggedEvent;
  readonly cursor: string;
}

const BATCH = 200;
/** The doorbell may never ring, so the log is looked at this often anyway, milliseconds. */
const POLL = 1_000;

/**
 * Open a stream. Resolves when its start is fixed, so what is committed afterwards is not missed.
 *
 * Written out as an iterator because a generator's `return()` waits for the pending `next()`, which may be waiting for an event that never comes.
 * @throws CursorError
 */
export async function openStream(options: StreamOptions): Promise<AsyncIterableIterator<StreamedEvent>> {
  const state = await options.log.state();
  const { after, retentions } = options;
  const start = typeof after === 'string' ? checkCursor(after, state, retentions) : state.head;
  return new EventStream(options, state.epoch, start);
}

class EventStream implements AsyncIterableIterator<StreamedEvent> {
  readonly #options: StreamOptions;
  readonly #epoch: string;
  readonly #silence: () => void;
  #position: number;
  #buffer: readonly LoggedEvent[] = [];
  #next = 0;
  #rung = false;
  #ended = false;
  /** Of the `next()` called last: one reads at a time, so that two cannot be given the same event. */
  #turn: Promise<unknown> = Promise.resolve();
  #wake: AbortController | undefined;

  constructor(options: StreamOptions, epoch: string, start: number) {
    this.#options = options;
    this.#epoch = epoch;
    this.#position = start;
    this.#silence = options.log.onAppend(() => {
      this.#rung = true;
      this.#wake?.abort();
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<StreamedEvent>> {
    const result = this.#turn.then(() => this.#take());
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #take(): Promise<IteratorResult<StreamedEvent>> {
    while (!this.#ended) {
      const event = this.#buffer[this.#next];
      if (event) {
        this.#next += 1;
        return { done: false, value: { event, cursor: formatCursor(this.#epoch, event.position) } };
      }
      try {
        await this.#fill();
      } catch (error) {
        // Whoever reads by `for await` does not call `return()` after an error.
        this.#end();
        throw error;
      }
    }
    return { done: true, value: undefined };
  }

  async #fill(): Promise<void> {
    const { log, clock, types, retentions } = this.#options;
    const from = this.#position;
    this.#rung = false;
    const batch = await log.read({ after: from, types, limit: BATCH });
    if (this.#ended) return;
    if (batch.upTo !== from) {
      // A reader that fell behind may find that events went while it was away.
      checkCursor(formatCursor(this.#epoch, from), await log.state(), retentions);
      this.#buffer = batch.events;
      this.#next = 0;
      this.#position = batch.upTo;
      return;
    }
    if (this.#rung || this.#ended) return;
    this.#wake = new AbortController();
    await clock.sleep(POLL, this.#wake.signal);
    this.#wake = undefined;
  }

  #end(): void {
    this.#silence();
    this.#ended = true;
    this.#wake?.abort();
  }

  return(): Promise<IteratorResult<StreamedEvent>> {
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  throw(error: unknown): Promise<IteratorResult<StreamedEvent>> {
    this.#end();
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
}
