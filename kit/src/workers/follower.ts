/**
 * Follows another log: its events are applied in order, and the cursor moves in the same commit as their effect — delivered at least once, effective
 * exactly once.
 */
import type { Clock } from '../clock/clock.js';
import { decide } from '../commands/decide.js';
import { checkCursor, CursorError, formatCursor } from '../log/cursor.js';
import type { EventLog, LogBatch, LoggedEvent, LogState } from '../log/event.js';
import type { Logger } from '../logging/logger.js';
import { save, type Commit, type Store } from '../storage/port.js';
import { cursors, type CursorDoc } from './collections.js';
import { stopWhenLost, type Leases } from './leases.js';
import { Loop, type Step } from './loop.js';

export interface FollowerOptions {
  /** Name of the followed subgraph, unique in this store. */
  readonly source: string;
  readonly log: EventLog;
  readonly types: readonly string[];
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
  /**
   * Called when the cursor cannot be gone on from (another epoch, events gone): bring the own state in line with the owner's listing. Afterwards the log is
   * followed from where it stood before the call. Without it the follower stays where it is and reports the problem.
   */
  rebuild?(step: Step): Promise<void>;
}

/** Longest a passed-over stretch of the log may grow before the cursor is moved for its own sake. */
const PASSED_OVER = 5_000;

export class Follower {
  readonly #options: FollowerOptions;
  readonly #loop: Loop;
  /** Read up to here and found nothing of interest; not yet worth a commit. */
  #looked: { epoch: string; position: number } | undefined;
  readonly #listeners = new Set<() => void>();

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

  drain(): Promise<void> {
    return this.#loop.drain();
  }

  /** The problem that keeps the follower from going on, if there is one. */
  get failing(): Error | undefined {
    return this.#loop.failing;
  }

  /** How far the source has been applied, by whichever process follows it; 0 before the first event. */
  async position(): Promise<number> {
    const doc = await this.#options.store.get(cursors, this.#options.source);
    const looked = this.#looked;
    return Math.max(doc?.position ?? 0, looked && looked.epoch === doc?.epoch ? looked.position : 0);
  }

  /**
   * Wait until the source has been applied up to `position`, its head by default.
   * @returns false when that did not happen within `withinMs`
   */
  async reach(withinMs: number, position?: number): Promise<boolean> {
    const { clock, log } = this.#options;
    const goal = position ?? (await log.state()).head;
    const end = clock.monotonic() + withinMs;
    while ((await this.position()) < goal) {
      const left = end - clock.monotonic();
      if (left <= 0) return false;
      this.#loop.ring();
      // Another process may be the one that follows, so its progress is looked for as well.
      await this.#nextStep(Math.min(left, 50));
    }
    return true;
  }

  async #nextStep(ms: number): Promise<void> {
    const stepped = new AbortController();
    const listener = () => stepped.abort();
    this.#listeners.add(listener);
    await this.#options.clock.sleep(ms, stepped.signal);
    this.#listeners.delete(listener);
  }

  async #step(step: Step): Promise<number | void> {
    const { log, types, batch = 100 } = this.#options;
    const state = await log.state();
    const cursor = await this.#cursor(state, step);
    const looked = this.#looked?.epoch === state.epoch ? this.#looked.position : 0;
    const from = Math.max(cursor.position, looked);
    const read = await log.read({ after: from, types, limit: batch });
    if (read.upTo === from) return undefined;
    if (read.events.length > 0 || read.upTo - cursor.position > PASSED_OVER) {
      await this.#advance(state.epoch, read, step);
    }
    this.#looked = { epoch: state.epoch, position: read.upTo };
    for (const listener of this.#listeners) listener();
    return 0;
  }

  async #advance(epoch: string, read: LogBatch, step: Step): Promise<void> {
    const { store, source } = this.#options;
    await decide(
      store,
      async () => {
        const doc = await store.get(cursors, source);
        const effect = read.events.length > 0 ? await this.#options.apply(read.events) : undefined;
        return {
          value: undefined,
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

  /** Where to go on from; rebuilds first when the log can no longer tell everything since. */
  async #cursor(state: LogState, step: Step): Promise<{ position: number }> {
    const { store, source, rebuild, logger } = this.#options;
    const doc = await store.get(cursors, source);
    const cursor = formatCursor(doc?.epoch ?? state.epoch, doc?.position ?? 0);
    try {
      return { position: checkCursor(cursor, state, ['history', 'passing']) };
    } catch (error) {
      if (!(error instanceof CursorError) || !rebuild) throw error;
      logger.warn({ source, reason: error.code }, 'the log followed was replaced; rebuilding from its owner');
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
      return { position: state.head };
    }
  }
}

function moved(doc: CursorDoc | undefined, id: string, epoch: string, position: number): CursorDoc {
  return { id, version: doc?.version ?? 0, epoch, position };
}
