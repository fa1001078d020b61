/** Events that are pushed, held until they are pulled. */
import { StreamInterrupted } from './failures.js';

export interface EventQueueOptions {
  /** Events and bytes that may wait. */
  readonly events: number;
  readonly bytes: number;
  /** Called once, when nobody takes events any more: it was left, or too many wait. */
  readonly onLeft: () => void;
}

interface Waiting<T> {
  readonly resolve: (step: IteratorResult<T>) => void;
  readonly reject: (error: unknown) => void;
}

/** Hand-made, so that return() ends a next() that waits. One next() at a time. */
export class EventQueue<T> implements AsyncIterator<T> {
  readonly #options: EventQueueOptions;
  #held: { readonly event: T; readonly size: number }[] = [];
  #bytes = 0;
  #waiting: Waiting<T> | undefined;
  /** What comes after the held ones. */
  #end: { readonly error?: unknown } | undefined;

  constructor(options: EventQueueOptions) {
    this.#options = options;
  }

  /** @param size bytes */
  push(event: T, size: number): void {
    if (this.#end) return;
    if (this.#waiting) return this.#take().resolve({ done: false, value: event });
    const { events, bytes } = this.#options;
    // The stream is opened again behind the last one that is held, so at the pace at which they are taken.
    if (this.#held.length >= events || (this.#held.length > 0 && this.#bytes + size > bytes)) {
      this.fail(new StreamInterrupted('Its events come faster than they are taken.'));
      return this.#options.onLeft();
    }
    this.#held.push({ event, size });
    this.#bytes += size;
  }

  complete(): void {
    this.#conclude({});
  }

  fail(error: unknown): void {
    this.#conclude({ error });
  }

  next(): Promise<IteratorResult<T>> {
    const first = this.#held.shift();
    if (first) {
      this.#bytes -= first.size;
      return Promise.resolve({ done: false, value: first.event });
    }
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      if (this.#end) this.#tellEnd(this.#end);
    });
  }

  return(): Promise<IteratorResult<T>> {
    const left = !this.#end;
    this.#held = [];
    this.#bytes = 0;
    this.#end = {};
    this.#tellEnd(this.#end);
    if (left) this.#options.onLeft();
    return Promise.resolve({ done: true, value: undefined });
  }

  #conclude(end: { readonly error?: unknown }): void {
    if (this.#end) return;
    this.#end = end;
    this.#tellEnd(end);
  }

  #tellEnd(end: { readonly error?: unknown }): void {
    if (!this.#waiting) return;
    const { resolve, reject } = this.#take();
    // Told once: after an error an iterator is done.
    this.#end = {};
    if ('error' in end) reject(end.error);
    else resolve({ done: true, value: undefined });
  }

  #take(): Waiting<T> {
    const waiting = this.#waiting;
    if (!waiting) throw new Error('Nobody waits for an event.');
    this.#waiting = undefined;
    return waiting;
  }
}
