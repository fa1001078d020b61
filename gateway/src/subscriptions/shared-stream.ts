/** One upstream for all clients who ask for the same with the same rights: executed once per event, serialised once. */
import type { GraphQLFormattedError } from 'graphql';
import { StreamFailure } from './upstream.js';
import type { Delivery, Upstream } from './upstream.js';

/** Somebody who receives a stream. Called in the order of the events; nothing is called after `failed` or `completed`. */
export interface Receiver {
  delivered(delivery: Delivery): void;
  failed(errors: readonly GraphQLFormattedError[]): void;
  completed(): void;
}

export class SharedStream {
  readonly #receivers = new Set<Receiver>();
  readonly #onEnd: () => void;
  #upstream: Upstream | undefined;
  #ended = false;
  #last: Delivery | undefined;

  /** @param onEnd called once, before the receivers hear of it, so that who comes now opens a new one */
  constructor(open: () => Promise<Upstream>, onEnd: () => void) {
    this.#onEnd = onEnd;
    void this.#run(open);
  }

  /** The newest event that was handed out: whoever joins now receives those after it. */
  get last(): Delivery | undefined {
    return this.#last;
  }

  join(receiver: Receiver): void {
    this.#receivers.add(receiver);
  }

  /** The last one to leave closes the upstream. */
  leave(receiver: Receiver): void {
    this.#receivers.delete(receiver);
    if (this.#receivers.size === 0) this.#end();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#upstream?.close();
    this.#onEnd();
  }

  async #run(open: () => Promise<Upstream>): Promise<void> {
    try {
      this.#upstream = await open();
      // All may have left while it opened.
      if (this.#ended) return this.#upstream.close();
      for (let event = await this.#upstream.next(); event; event = await this.#upstream.next()) {
        if (this.#ended) return;
        // Before anybody receives it: who joins in the middle of this has to get it elsewhere.
        this.#last = event;
        for (const receiver of [...this.#receivers]) {
          if (this.#receivers.has(receiver)) receiver.delivered(event);
        }
      }
      this.#finish((receiver) => receiver.completed());
    } catch (error) {
      const errors = error instanceof StreamFailure ? error.errors : undefined;
      this.#finish((receiver) => receiver.failed(errors ?? [{ message: 'The stream failed.' }]));
    }
  }

  #finish(tell: (receiver: Receiver) => void): void {
    if (this.#ended) return;
    const receivers = [...this.#receivers];
    this.#receivers.clear();
    this.#end();
    receivers.forEach(tell);
  }
}
