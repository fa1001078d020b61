/**
 * Ends cooling and reservations at their instant. Before it ends anything it has followed the connections' log to a head that was read after the due
 * instant, so a device that came back in time is never robbed; a log that cannot be read or followed holds everything and the reason is told.
 */
import { fromInstant, toInstant } from '@numberyard/kit/clock/clock';
import type { Clock } from '@numberyard/kit/clock/clock';
import type { FollowedLog } from '@numberyard/kit/log/event';
import type { Logger } from '@numberyard/kit/logging/logger';
import type { Instant } from '@numberyard/kit/storage/port';
import type { Follower } from '@numberyard/kit/workers/follower';
import { giveWay } from '@numberyard/kit/workers/courtesy';
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
/** How long the follower may be on its way before that counts as a failure, milliseconds. */
const PATIENCE = 60_000;

export interface ReleaseSweepOptions extends Deps {
  readonly leases: Leases;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly connections: FollowedLog;
  readonly follower: Pick<Follower, 'reach' | 'failing'>;
}

/** The head of the connections' log as it was read at an instant: once followed, all that was due by then may end. */
interface Mark {
  readonly instant: Instant;
  readonly epoch: string;
  readonly position: number;
}

/** Why what is due is not being ended; times are of the monotonic clock. */
interface Hold {
  readonly why: string;
  readonly cause?: unknown;
  /** Nothing is broken, the follower is on its way. */
  readonly isPatient: boolean;
  /** Since when it has been so, or has been broken. */
  readonly since: number;
  readonly toldAt: number;
}

export class ReleaseSweep {
  readonly #options: ReleaseSweepOptions;
  readonly #loop: Loop;
  #mark: Mark | undefined;
  #reached = false;
  #hold: Hold | undefined;

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
    return this.#hold?.why;
  }

  /** The problem that keeps it from going on. Waiting for a follower that is on its way, as behind a large sync, is none until it has lasted long. */
  get failing(): Error | undefined {
    if (this.#loop.failing) return this.#loop.failing;
    const hold = this.#hold;
    if (!hold || (hold.isPatient && this.#options.clock.monotonic() - hold.since < PATIENCE)) return undefined;
    return new Error(`numbers that are due stay in cooling: ${hold.why}`, { cause: hold.cause });
  }

  async #step(step: Step): Promise<number | void> {
    const { clock } = this.#options;
    const due = await nextDue(this.#options);
    if (due === undefined) return LOOK_EVERY;
    const wait = fromInstant(due) - clock.now();
    if (wait > 0) return Math.min(wait, LOOK_EVERY);
    const mark = await this.#followedUpTo(due);
    if (!mark) return LOOK_EVERY;
    // What was due at the mark may end without another look at the connections, batch after batch.
    while (!step.signal.aborted && (await endDueNumbers(this.#options, mark.instant, step.lease)) > 0) await giveWay();
    return 0;
  }

  /** A mark read at or after `due` that has been followed; undefined while there is none. */
  async #followedUpTo(due: Instant): Promise<Mark | undefined> {
    const { connections, follower } = this.#options;
    try {
      // The clock first: what is appended between the two readings lies below the head.
      const instant = toInstant(this.#options.clock.now());
      const { epoch, head } = await connections.state();
      // A mark is kept until it is reached, lest a busy log move it on for ever; of another epoch, or of a clock that was set back since, it tells nothing.
      const isGood = this.#mark && this.#mark.instant >= due && this.#mark.instant <= instant;
      if (!isGood || this.#mark?.epoch !== epoch) {
        this.#mark = { instant, epoch, position: head };
        this.#reached = false;
      }
      const mark = this.#mark;
      this.#reached ||= await follower.reach(REACH_WITHIN, mark.position);
      if (this.#reached) {
        this.#hold = undefined;
        return mark;
      }
      if (follower.failing) this.#keepHolding(follower.failing.message, false, follower.failing);
      else this.#keepHolding('its log has not been followed far enough yet', true);
    } catch (error) {
      this.#keepHolding(error instanceof Error ? error.message : String(error), false, error);
    }
    return undefined;
  }

  #keepHolding(why: string, isPatient: boolean, cause?: unknown): void {
    const { clock, logger } = this.#options;
    const now = clock.monotonic();
    const { toldAt } = this.#hold ?? {};
    const since = this.#hold?.isPatient === isPatient ? this.#hold.since : now;
    const isTold = toldAt !== undefined && now - toldAt < TELL_EVERY;
    this.#hold = { why, cause, isPatient, since, toldAt: isTold ? toldAt : now };
    if (isTold) return;
    logger.warn(
      { source: CONNECTIONS, reason: why },
      'numbers that are due stay in cooling until the connections are known',
    );
  }
}
