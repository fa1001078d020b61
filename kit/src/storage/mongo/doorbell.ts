/** Ringing when the log has grown: at once for this process's own commits, by a change stream for those of others. */
import { setTimeout as delay } from 'node:timers/promises';
import type { mongo } from 'mongoose';
import { type Collections, HEAD_ID, type MetaDoc } from './layout.js';

/** First and longest pause before a broken stream is opened again, milliseconds. */
const PAUSES = { first: 100, longest: 5_000 } as const;

/**
 * One change stream on the log's head, which moves once per group however many events it has; open only while somebody listens. It is never relied on:
 * listeners poll.
 */
export class Doorbell {
  readonly #collections: Collections;
  readonly #warn: (error: unknown) => void;
  readonly #listeners = new Set<() => void>();
  #watching: AbortController | undefined;

  constructor(collections: Collections, warn: (error: unknown) => void) {
    this.#collections = collections;
    this.#warn = warn;
  }

  onRing(listener: () => void): () => void {
    // Wrapped, so that a listener given twice rings twice and each is taken off by its own function.
    const bell = () => listener();
    this.#listeners.add(bell);
    if (!this.#watching) {
      this.#watching = new AbortController();
      void this.#watch(this.#watching.signal);
    }
    return () => {
      this.#listeners.delete(bell);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  ring(): void {
    for (const bell of this.#listeners) bell();
  }

  silence(): void {
    this.#listeners.clear();
    this.#stop();
  }

  #stop(): void {
    this.#watching?.abort();
    this.#watching = undefined;
  }

  async #watch(signal: AbortSignal): Promise<void> {
    let pause: number = PAUSES.first;
    while (!signal.aborted) {
      try {
        await this.#follow(signal, () => {
          pause = PAUSES.first;
          if (!signal.aborted) this.ring();
        });
      } catch (error) {
        if (signal.aborted) return;
        this.#warn(error);
      }
      // Not the process's reason to live: who listens polls.
      await delay(pause * (0.5 + Math.random()), undefined, { signal, ref: false }).catch(() => undefined);
      pause = Math.min(pause * 2, PAUSES.longest);
    }
  }

  /** Until it breaks or is stopped. */
  async #follow(signal: AbortSignal, ring: () => void): Promise<void> {
    const moves = [
      {
        $match: {
          operationType: 'update',
          'documentKey._id': HEAD_ID,
          'updateDescription.updatedFields.head': { $exists: true },
        },
      },
      { $project: { _id: 1 } },
    ];
    const stream = this.#collections.meta.watch<MetaDoc, mongo.ChangeStreamDocument<MetaDoc>>(moves);
    const stop = () => void stream.close().catch(() => undefined);
    signal.addEventListener('abort', stop);
    // With its first answer, not before: one that is refused again and again must neither ring nor be asked for without a pause.
    // What came before it was open was not heard.
    stream.once('resumeTokenChanged', ring);
    try {
      while (!signal.aborted && (await stream.hasNext())) {
        await stream.next();
        ring();
      }
    } finally {
      signal.removeEventListener('abort', stop);
      await stream.close().catch(() => undefined);
    }
  }
}
