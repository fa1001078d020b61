/** The doorbell of a log in another process: one long poll while anybody listens. */
import type { Clock } from '../clock/clock.js';
import type { Logger } from '../logging/logger.js';

export interface AppendBellOptions {
  /** Name of the log's owner, for the log lines. */
  readonly source: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The log's head, as soon as it is another than `known` or a while has passed; at once when none is known. */
  head(known: number | undefined, signal: AbortSignal): Promise<number>;
}

/** At least this long between two rings, milliseconds: under load what was appended meanwhile is heard of at once. */
const BETWEEN_RINGS = 20;
/** An answer without news that came sooner was no long poll: its server is stopping, or something stands between. */
const SOON = 500;
const LONGEST_PAUSE = 5_000;

export class AppendBell {
  readonly #options: AppendBellOptions;
  readonly #listeners = new Set<() => void>();
  #polling: AbortController | undefined;

  constructor(options: AppendBellOptions) {
    this.#options = options;
  }

  listen(listener: () => void): () => void {
    // So that one function that listens twice is two listeners.
    const own = () => listener();
    this.#listeners.add(own);
    if (!this.#polling) {
      this.#polling = new AbortController();
      void this.#poll(this.#polling.signal);
    }
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) this.stop();
    };
  }

  stop(): void {
    this.#polling?.abort();
    this.#polling = undefined;
  }

  async #poll(signal: AbortSignal): Promise<void> {
    const { source, clock, logger } = this.#options;
    let head: number | undefined;
    let failures = 0;
    while (!signal.aborted) {
      try {
        const began = clock.monotonic();
        const found = await this.#options.head(head, signal);
        if (failures > 0) logger.info({ source }, 'the log followed is reached again');
        failures = 0;
        if (found !== head) {
          head = found;
          for (const ring of this.#listeners) ring();
          await clock.sleep(BETWEEN_RINGS, signal);
        } else if (clock.monotonic() - began < SOON) await clock.sleep(SOON, signal);
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        if (failures === 1) logger.warn({ err: error, source }, 'the log followed is not reached; trying again');
        const ceiling = Math.min(LONGEST_PAUSE, 100 * 2 ** failures);
        await clock.sleep(ceiling / 2 + (Math.random() * ceiling) / 2, signal);
        // What was appended meanwhile is rung for, also when the log was replaced by one with the same head.
        head = undefined;
      }
    }
  }
}
