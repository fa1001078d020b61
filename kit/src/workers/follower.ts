/**
 * Follows another log: its events are applied in order, and the cursor moves in the same commit as their effect — delivered at least once, effective
 * exactly once.
 */
import type { Clock } from '../clock/clock.js';
import { decide } from '../commands/decide.js';
import { checkCursor, CursorError, formatCursor } from '../log/cursor.js';
import type { FollowedLog, LogBatch, LoggedEvent, LogState, Retention } from '../log/event.js';
import type { Logger } from '../logging/logger.js';
import { save, type Commit, type Store } from '../storage/port.js';
import { cursors, type CursorDoc } from './collections.js';
import { stopWhenLost, type Leases } from './leases.js';
import { Loop, type Step } from './loop.js';

export interface FollowerOptions {
  /** Name of the followed subgraph, unique in this store. */
  readonly source: string;
  readonly log: FollowedLog;
  readonly types: readonly string[];
  /** Retentions of those types, default both: below a floor of one of them events may have been missed. */
  readonly retentions?: readonly Retention[];
  /** Events applied in one commit, at most; default 100. */
  readonly batch?: number;
  readonly store: Store;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * The effect of some events, in order. Called again with the same events when the state it read has changed meanwhile, so it only reads and decides.
   */
  apply(events: readonly LoggedEvent[]): Promise<Commit | undefined>;
  /** Called before each look at the log, under the lease: work that must not run beside `apply`. */
  between?(step: Step): Promise<void>;
  /**
   * Called when the cursor cannot be gone on from (another epoch, events gone): bring the own state in line with the owner's listing. Afterwards the log is
   * followed from where it stood before the call. Without it the follower stays where it is and reports the problem.
   */
  rebuild?(step: Step): Promise<void>;
}

/** Longest a passed-over stretch of the log may grow before the cursor is moved for its own sake. */
const PASSED_OVER = 5_000;
const BOTH: readonly Retention[] = ['history', 'passing'];

export class Follower {
  readonly #options: FollowerOptions;
  readonly #loop: Loop;
  /** Read up to here and found nothing of interest; not yet worth a commit. */
  #looked: { epoch: string; position: number } | undefined;
  readonly #listeners = new Set<() => void>();
  #drained = false;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#loop = new Loop({
      name: `follow.${options.source}`,
      leases: options.leases,
      clock: options.clock,
      logger: options.logger,
      bell: (ring) => options.log.onAppend(ring),
      step: (step) => this.#step(step),
    });
  }

  start(): void {
    this.#loop.start();
  }

  /** Take the next step at once, as after a doorbell: there is something for {@link FollowerOptions.between}. */
  ring(): void {
    this.#loop.ring();
  }

  /** Finish the step under way and stop; whoever waits in {@link reach} is told that it will not happen. */
  drain(): Promise<void> {
    this.#drained = true;
    for (const listener of this.#listeners) listener();
    return this.#loop.drain();
  }

  /** The problem that keeps the follower from going on, if there is one. */
  get failing(): Error | undefined {
    return this.#loop.failing;
  }

  /** How far the source has durably been applied, by whichever process follows it; 0 before the first. What the source may forget. */
  async position(): Promise<number> {
    return (await this.#options.store.get(cursors, this.#options.source))?.position ?? 0;
  }

  /**
   * Wait until the source has been applied up to `position`, its head by default.
   * @returns false when that did not happen within `withinMs`, or the follower is drained first
   */
  async reach(withinMs: number, position?: number): Promise<boolean> {
    const { clock, log } = this.#options;
    const { epoch, head } = await log.state();
    const end = clock.monotonic() + withinMs;
    for (;;) {
      // Listened for before looking, so that a step in between is not missed.
      const stepped = new AbortController();
      const listener = () => stepped.abort();
      this.#listeners.add(listener);
      try {
        if (await this.#reached(epoch, position ?? head)) return true;
        const left = end - clock.monotonic();
        if (left <= 0 || this.#drained) return false;
        this.#loop.ring();
        // Another process may be the one that follows, so its progress is looked for as well.
        await clock.sleep(Math.min(left, 50), stepped.signal);
      } finally {
        this.#listeners.delete(listener);
      }
    }
  }

  /** Whether nothing of interest is left to apply up to `goal`; the cursor itself lags behind over what is passed over. */
  async #reached(epoch: string, goal: number): Promise<boolean> {
    const { store, source, log, types } = this.#options;
    const doc = await store.get(cursors, source);
    if (doc && doc.epoch !== epoch) return false;
    let at = this.#from(doc, epoch);
    while (at < goal) {
      const { events, upTo } = await log.read({ after: at, types, limit: 1 });
      if (events[0]) return events[0].position > goal;
      if (upTo === at) return false;
      at = upTo;
    }
    return true;
  }

  /** What has been applied or looked at and passed over. */
  #from(doc: CursorDoc | undefined, epoch: string): number {
    const looked = this.#looked?.epoch === epoch ? this.#looked.position : 0;
    return Math.max(doc?.position ?? 0, looked);
  }

  async #step(step: Step): Promise<number | void> {
    const { log, types, batch = 100, store, source, retentions = BOTH } = this.#options;
    await this.#options.between?.(step);
    const doc = await store.get(cursors, source);
    if (doc) log.report?.({ follower: store.name, epoch: doc.epoch, position: doc.position });
    const state = await log.state();
    const from = this.#from(doc, doc?.epoch ?? state.epoch);
    const cursor = formatCursor(doc?.epoch ?? state.epoch, from);
    try {
      checkCursor(cursor, state, retentions);
    } catch (error) {
      await this.#startOver(error, state, step);
      return 0;
    }
    const read = await log.read({ after: from, types, limit: batch });
    if (read.upTo === from) return undefined;
    // The log may have been pruned or replaced between the look at its state and the reading; the next step sees what to do.
    if (!isCheckable(cursor, await log.state(), retentions)) return 0;
    if (read.events.length > 0 || read.upTo - (doc?.position ?? 0) > PASSED_OVER) {
      const advanced = await this.#advance(doc, state.epoch, read, step);
      if (!advanced) return 0;
    }
    this.#looked = { epoch: state.epoch, position: read.upTo };
    for (const listener of this.#listeners) listener();
    return 0;
  }

  /** @returns false when the cursor has moved meanwhile, e.g. by a commit of an earlier step whose outcome was unknown: then the effect is there already */
  async #advance(before: CursorDoc | undefined, epoch: string, read: LogBatch, step: Step): Promise<boolean> {
    const { store, source } = this.#options;
    return decide(
      store,
      async () => {
        const doc = await store.get(cursors, source);
        if (doc?.version !== before?.version) return { value: false };
        const effect = read.events.length > 0 ? await this.#options.apply(read.events) : undefined;
        return {
          value: true,
          commit: {
            ...effect,
            expect: [...(effect?.expect ?? []), step.lease.fence],
            save: [...(effect?.save ?? []), save(cursors, moved(doc, source, epoch, read.upTo))],
          },
        };
      },
      stopWhenLost(step.lease),
    );
  }

  /** The log can no longer tell everything since the cursor: rebuild, then go on from where the log stood before. */
  async #startOver(problem: unknown, state: LogState, step: Step): Promise<void> {
    const { store, source, rebuild, logger } = this.#options;
    if (!(problem instanceof CursorError) || !rebuild) throw problem;
    logger.warn({ source, reason: problem.code }, 'the log followed cannot be gone on with; rebuilding from its owner');
    await rebuild(step);
    this.#looked = undefined;
    await decide(
      store,
      async () => ({
        value: undefined,
        commit: {
          expect: [step.lease.fence],
          save: [save(cursors, moved(await store.get(cursors, source), source, state.epoch, state.head))],
        },
      }),
      stopWhenLost(step.lease),
    );
  }
}

function isCheckable(cursor: string, state: LogState, retentions: readonly Retention[]): boolean {
  try {
    checkCursor(cursor, state, retentions);
    return true;
  } catch {
    return false;
  }
}

function moved(doc: CursorDoc | undefined, id: string, epoch: string, position: number): CursorDoc {
  return { id, version: doc?.version ?? 0, epoch, position };
}
