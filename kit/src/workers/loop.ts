/** A worker loop: one step after another, under a lease, until it is drained. */
import type { Clock } from '../clock/clock.js';
import type { Logger } from '../logging/logger.js';
import { giveWay } from './courtesy.js';
import { LeaseLostError, type Lease, type Leases } from './leases.js';

export interface Step {
  /** Aborted when the loop is being drained: finish what is under way, begin nothing new. */
  readonly signal: AbortSignal;
  readonly lease: Lease;
}

export interface LoopOptions {
  /** Also the name of the lease. */
  readonly name: string;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Longest pause between two steps, milliseconds; a ring ends it early. Default 1,000. */
  readonly everyMs?: number;
  /** Where rings come from, e.g. `(ring) => store.log.onAppend(ring)`; answers the function that takes the bell off. */
  readonly bell?: (ring: () => void) => () => void;
  /** One step. Answers the milliseconds until the next is wanted; 0: at once; nothing: after `everyMs` or a ring. */
  step(step: Step): Promise<number | void>;
}

/** Short enough that work goes on soon after a store that was away is back. */
const LONGEST_PAUSE_AFTER_FAILURE = 5_000;

export class Loop {
  readonly #options: LoopOptions;
  readonly #draining = new AbortController();
  #running: Promise<void> | undefined;
  #lease: Lease | undefined;
  #failures = 0;
  #rung = false;
  /** Ends the pause under way, and whether a ring may. */
  #pausing: { readonly end: AbortController; readonly byRing: boolean } | undefined;
  #lastError: Error | undefined;

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  /** The error of the last step, if it failed. */
  get failing(): Error | undefined {
    return this.#lastError;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Look at once. */
  ring(): void {
    this.#rung = true;
    if (this.#pausing?.byRing) this.#pausing.end.abort();
  }

  /** Finish the step under way and give the lease back. */
  async drain(): Promise<void> {
    this.#draining.abort();
    this.#pausing?.end.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const silence = this.#hangBell();
    while (!this.#draining.signal.aborted) {
      this.#rung = false;
      await this.#pause(await this.#once());
    }
    silence?.();
    if (this.#lease) {
      await this.#options.leases.release(this.#lease).catch((error: unknown) => {
        this.#options.logger.warn({ err: error, loop: this.#options.name }, 'a lease was not given back; it runs out');
      });
    }
  }

  /** Without a bell the loop still looks every `everyMs`. */
  #hangBell(): (() => void) | undefined {
    try {
      return this.#options.bell?.(() => this.ring());
    } catch (error) {
      this.#options.logger.warn(
        { err: error, loop: this.#options.name },
        'a worker hears no bell; it looks now and then',
      );
      return undefined;
    }
  }

  /** @returns the pause before the next step; negative when a ring must not end it early */
  async #once(): Promise<number> {
    const { name, leases, logger, step, everyMs = 1_000 } = this.#options;
    try {
      this.#lease ??= await leases.acquire(name);
      if (!this.#lease) {
        this.#succeeded(); // a rival does the work, so what went wrong here is past
        return Math.min(everyMs, leases.lookMs);
      }
      const next = await step({ signal: this.#draining.signal, lease: this.#lease });
      this.#succeeded();
      return next ?? everyMs;
    } catch (error) {
      if (error instanceof LeaseLostError && this.#lease) {
        leases.forget(this.#lease);
        this.#lease = undefined;
        this.#succeeded();
        return everyMs;
      }
      this.#failures += 1;
      this.#lastError = error instanceof Error ? error : new Error(String(error));
      if (!this.#draining.signal.aborted)
        logger.error({ err: error, loop: name, failures: this.#failures }, 'a worker step failed; it is tried again');
      const ceiling = Math.min(LONGEST_PAUSE_AFTER_FAILURE, 100 * 2 ** this.#failures);
      return -(ceiling / 2 + (Math.random() * ceiling) / 2);
    }
  }

  #succeeded(): void {
    this.#failures = 0;
    this.#lastError = undefined;
  }

  async #pause(ms: number): Promise<void> {
    if (this.#draining.signal.aborted) return;
    if (ms === 0 || (ms > 0 && this.#rung)) return giveWay();
    const end = new AbortController();
    this.#pausing = { end, byRing: ms > 0 };
    await this.#options.clock.sleep(Math.abs(ms), end.signal);
    this.#pausing = undefined;
  }
}
