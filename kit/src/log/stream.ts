/** A live reading of the log, for subscriptions: what is kept after a cursor, then whatever comes, each event once and in order. */
import type { Clock } from '../clock/clock.js';
import { checkCursor, formatCursor } from './cursor.js';
import type { EventLog, LoggedEvent, Retention } from './event.js';

export interface StreamOptions {
  readonly log: EventLog;
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
  const start = options.after == null ? state.head : checkCursor(options.after, state, options.retentions);
  return new EventStream(options, state.epoch, start);
}

class EventStream implements AsyncIterableIterator<StreamedEvent> {
  readonly #options: StreamOptions;
  readonly #epoch: string;
  readonly #ended = new AbortController();
  readonly #silence: () => void;
  #position: number;
  #buffer: readonly LoggedEvent[] = [];
  #next = 0;
  #rung = false;
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

  async next(): Promise<IteratorResult<StreamedEvent>> {
    while (!this.#ended.signal.aborted) {
      const event = this.#buffer[this.#next];
      if (event) {
        this.#next += 1;
        return { done: false, value: { event, cursor: formatCursor(this.#epoch, event.position) } };
      }
      await this.#fill();
    }
    return { done: true, value: undefined };
  }

  async #fill(): Promise<void> {
    this.#rung = false;
    const batch = await this.#options.log.read({ after: this.#position, types: this.#options.types, limit: BATCH });
    this.#buffer = batch.events;
    this.#next = 0;
    const stood = batch.upTo === this.#position;
    this.#position = batch.upTo;
    if (!stood || this.#rung) return;
    this.#wake = new AbortController();
    await this.#options.clock.sleep(POLL, AbortSignal.any([this.#wake.signal, this.#ended.signal]));
    this.#wake = undefined;
  }

  return(): Promise<IteratorResult<StreamedEvent>> {
    this.#silence();
    this.#ended.abort();
    return Promise.resolve({ done: true, value: undefined });
  }

  throw(error: unknown): Promise<IteratorResult<StreamedEvent>> {
    void this.return();
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
}
