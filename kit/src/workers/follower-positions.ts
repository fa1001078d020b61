/**
 * What the followers of a log told its owner: how far each has applied it. Kept in the owner's store, so that whichever process prunes knows it, whether
 * the followers run in the same process or in others.
 */
import type { Clock } from '../clock/clock.js';
import type { FollowedLog, FollowerProgress } from '../log/event.js';
import type { Logger } from '../logging/logger.js';
import { save, type Store } from '../storage/port.js';
import { followers } from './collections.js';

/** Progress matters to pruning only, which looks every hour: more often than this, milliseconds, a follower's is not written. */
const WRITTEN_EVERY = 30_000;

export class FollowerPositions {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** The declared followers. Reports of others are not kept: names off the wire must not grow into rows. */
  readonly #names: readonly string[];
  readonly #written = new Map<string, number>();

  constructor(options: { store: Store; clock: Clock; logger: Logger; followers: readonly string[] }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#names = options.followers;
  }

  /** The store's log, as its followers are given it in the same process. */
  get log(): FollowedLog {
    const { log } = this.#store;
    return {
      state: () => log.state(),
      read: (read) => log.read(read),
      onAppend: (listener) => log.onAppend(listener),
      report: (progress) => this.report(progress),
    };
  }

  /** Remember it, now or with a later report. Never throws; a problem goes to the log. */
  report(progress: FollowerProgress): void {
    const { follower } = progress;
    const now = this.#clock.monotonic();
    if (!this.#names.includes(follower) || now - (this.#written.get(follower) ?? -Infinity) < WRITTEN_EVERY) return;
    this.#written.set(follower, now);
    this.#write(progress).catch((error: unknown) => {
      this.#logger.warn({ err: error, follower }, 'how far a follower is could not be written; it is told again');
    });
  }

  /** What all declared followers have applied; 0 as long as one of them has not reported under the log's epoch. */
  async slowest(): Promise<number> {
    const { epoch, head } = await this.#store.log.state();
    const docs = await this.#store.getMany(followers, this.#names);
    return Math.min(head, ...docs.map((doc) => (doc?.epoch === epoch ? doc.position : 0)));
  }

  async #write({ follower, epoch, position }: FollowerProgress): Promise<void> {
    const doc = await this.#store.get(followers, follower);
    if (doc?.epoch === epoch && doc.position === position) return;
    const { epoch: current, head } = await this.#store.log.state();
    // What is of another log, or not written yet, tells nothing about this one.
    if (epoch !== current || position > head) return;
    // Lost to another replica that was told the same: it is told again.
    await this.#store.commit({
      save: [save(followers, { id: follower, version: doc?.version ?? 0, epoch, position })],
    });
  }
}
