/**
 * Ends cooling and reservations at their instant. Before it ends anything it has followed the connections' log to a head that was read after the due
 * instant, so a device that came back in time is never robbed; a log that cannot be read or followed holds everything and the reason is told.
 */
import { fromInstant, toInstant } from '@numberyard/kit/clock/clock';
import type { Clock } from '@numberyard/kit/clock/clock';
import type { EventLog } from '@numberyard/kit/log/event';
import type { Logger } from '@numberyard/kit/logging/logger';
import type { Instant } from '@numberyard/kit/storage/port';
import type { Follower } from '@numberyard/kit/workers/follower';
import type { Leases } from '@numberyard/kit/workers/leases';
import { Loop, type Step } from '@numberyard/kit/workers/loop';
import type { Deps } from '../commands/context.js';
import { endDueNumbers, nextDue } from '../commands/end-due.js';
import { CONNECTIONS } from './follow-connections.js';

/** The doorbell may never ring and the wall clock may be set, so the next instant is looked up this often anyway, milliseconds. */
const LOOK_EVERY = 1_000;
/** How long one step waits for the follower. */
const REACH_WITHIN = 1_000;
/** A hold is told once and then this often, milliseconds. */
const TELL_EVERY = 60_000;

export interface ReleaseSweepOptions extends Deps {
  readonly leases: Leases;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly connections: EventLog;
  readonly follower: Pick<Follower, 'reach' | 'failing'>;
}

/** The head of the connections' log as it was read at an instant: once followed, all that was due by then may end. */
interface Mark {
  readonly instant: Instant;
  readonly epoch: string;
  readonly position: number;
}

export class ReleaseSweep {
  readonly #options: ReleaseSweepOptions;
  readonly #loop: Loop;
  #mark: Mark | undefined;
  #reached = false;
  #toldAt: number | undefined;
  #holding: string | undefined;

  constructor(options: ReleaseSweepOptions) {
    this.#options = options;
    this.#loop = new Loop({
      name: 'release-sweep',
      leases: options.leases,
      clock: options.clock,
      logger: options.logger,
      everyMs: LOOK_EVERY,
      bell: (ring) => options.store.log.onAppend(ring),
      step: (step) => this.#step(step),
    });
  }

  start(): void {
    this.#loop.start();
  }

  drain(): Promise<void> {
    return this.#loop.drain();
  }

  /** Why numbers that are due are not being ended, if so. */
  get holding(): string | undefined {
    return this.#holding;
  }

  async #step(step: Step): Promise<number | void> {
    const { clock } = this.#options;
    const due = await nextDue(this.#options);
    if (due === undefined) return LOOK_EVERY;
    const wait = fromInstant(due) - clock.now();
    if (wait > 0) return Math.min(wait, LOOK_EVERY);
    const mark = await this.#followedUpTo(due);
    if (!mark) return LOOK_EVERY;
    await endDueNumbers(this.#options, mark.instant, step.lease);
    return 0;
  }

  /** A mark read at or after `due` that has been followed; undefined while there is none. */
  async #followedUpTo(due: Instant): Promise<Mark | undefined> {
    const { connections, follower } = this.#options;
    try {
      // The clock first: what is appended between the two readings lies below the head.
      const instant = toInstant(this.#options.clock.now());
      const { epoch, head } = await connections.state();
      // A mark is kept until it is reached, lest a busy log move it on for ever; of another epoch it tells nothing.
      if (!this.#mark || this.#mark.instant < due || this.#mark.epoch !== epoch) {
        this.#mark = { instant, epoch, position: head };
        this.#reached = false;
      }
      const mark = this.#mark;
      this.#reached ||= await follower.reach(REACH_WITHIN, mark.position);
      if (this.#reached) {
        this.#holding = undefined;
        this.#toldAt = undefined;
        return mark;
      }
      this.#hold(follower.failing?.message ?? 'its log has not been followed far enough yet');
    } catch (error) {
      this.#hold(error instanceof Error ? error.message : String(error));
    }
    return undefined;
  }

  #hold(why: string): void {
    const { clock, logger } = this.#options;
    this.#holding = why;
    if (this.#toldAt !== undefined && clock.monotonic() - this.#toldAt < TELL_EVERY) return;
    this.#toldAt = clock.monotonic();
    logger.warn(
      { source: CONNECTIONS, reason: why },
      'numbers that are due stay in cooling until the connections are known',
    );
  }
}
