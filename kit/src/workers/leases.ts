/**
 * Leases: at most one process runs a loop. Safety does not rest on time: every commit under a lease expects its fence, so a holder that was paused and
 * replaced cannot write. Time only decides when a rival tries: after it has seen the same heartbeat for a whole term on its own monotonic clock.
 */
import type { Clock } from '../clock/clock.js';
import { newId } from '../crypto/id.js';
import type { Logger } from '../logging/logger.js';
import { asRead, save, type Conflict, type Expectation, type Store } from '../storage/port.js';
import { holders, leases, type HolderDoc } from './collections.js';

export interface Lease {
  readonly name: string;
  /** To be expected by every commit made under the lease. */
  readonly fence: Expectation;
}

/** Thrown when a commit shows that another process took the lease: what was being done must stop. */
export class LeaseLostError extends Error {
  constructor(name: string) {
    super(`lease ${name} was taken by another process`);
    this.name = 'LeaseLostError';
  }
}

/** @throws LeaseLostError when the conflicts name the lease; for `decide`'s `onConflict`. */
export function stopWhenLost(lease: Lease): (conflicts: readonly Conflict[]) => void {
  return (conflicts) => {
    const lost = conflicts.some(
      (conflict) => conflict.kind === 'STALE' && conflict.collection === leases.name && conflict.id === lease.name,
    );
    if (lost) throw new LeaseLostError(lease.name);
  };
}

/** Longest pause between two looks at a rival's heartbeat, so that its work is taken over soon after it died. */
const LONGEST_BETWEEN_LOOKS = 1_000;

export class Leases {
  /** How often whoever waits for a lease is to ask for it, milliseconds: a death is told by several looks within a term. */
  readonly lookMs: number;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #term: number;
  readonly #holder = newId();
  readonly #held = new Set<string>();
  /** The last heartbeat seen of each rival, and when on our monotonic clock it was seen first and last. */
  readonly #seen = new Map<string, { beats: number; first: number; last: number }>();
  readonly #stopping = new AbortController();
  #beating: Promise<void> | undefined;

  /** @param termMs how long a rival's heartbeat must stand still before its leases are taken; default 8 s, so that with a look a second it is 10 s at most */
  constructor(options: { store: Store; clock: Clock; logger: Logger; termMs?: number }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#term = options.termMs ?? 8_000;
    this.lookMs = Math.min(LONGEST_BETWEEN_LOOKS, this.#term / 4);
  }

  /** The lease, if nobody living holds it; `undefined` when a rival does, or this process already. */
  async acquire(name: string): Promise<Lease | undefined> {
    if (this.#held.has(name)) return undefined;
    // Taken before the first await, so that two loops of this process cannot both get it.
    this.#held.add(name);
    const lease = await this.#take(name).catch((error: unknown) => {
      this.#held.delete(name);
      throw error;
    });
    if (!lease) this.#held.delete(name);
    return lease;
  }

  async #take(name: string): Promise<Lease | undefined> {
    const doc = await this.#store.get(leases, name);
    const heart = await this.#heartOf(doc?.holder ?? '');
    if (heart && !this.#isDead(heart)) return undefined;
    await this.#startBeating();
    const result = await this.#store.commit({
      save: [save(leases, { id: name, version: doc?.version ?? 0, holder: this.#holder })],
      // With its heart goes what else the dead one held; one that beats in this very moment is a conflict.
      ...(heart && { remove: [asRead(holders, heart)] }),
    });
    if (heart && result.ok) this.#seen.delete(heart.id);
    const version = result.ok ? result.versions[0] : undefined;
    return version === undefined ? undefined : { name, fence: { collection: leases.name, id: name, version } };
  }

  /** Give a lease back, so that another process need not wait for the term to pass. */
  async release(lease: Lease): Promise<void> {
    this.#held.delete(lease.name);
    await this.#store.commit({ save: [save(leases, { id: lease.name, version: lease.fence.version, holder: '' })] });
  }

  /** Forget a lease another process took. */
  forget(lease: Lease): void {
    this.#held.delete(lease.name);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#beating;
  }

  /** The heart of a rival that may live. Without one it is dead: a process beats before it takes its first lease and as long as it has any. */
  async #heartOf(holder: string): Promise<HolderDoc | undefined> {
    // No second process can be alive where the engine lets none in; and what this process forgot, it does not run.
    if (holder === '' || this.#store.exclusive || holder === this.#holder) return undefined;
    return this.#store.get(holders, holder);
  }

  #isDead({ id, beats }: HolderDoc): boolean {
    const now = this.#clock.monotonic();
    const seen = this.#seen.get(id);
    // A stretch in which nobody looked tells nothing: this process or the store was away, and the rival could beat as little as we could look.
    const watched = seen?.beats === beats && now - seen.last <= this.#term / 2;
    const first = watched ? seen.first : now;
    this.#seen.set(id, { beats, first, last: now });
    return now - first >= this.#term;
  }

  async #startBeating(): Promise<void> {
    if (this.#store.exclusive || this.#beating) return;
    await this.#beatOnce();
    this.#beating ??= this.#beat();
  }

  async #beatOnce(): Promise<void> {
    const doc = await this.#store.get(holders, this.#holder);
    await this.#store.commit({
      save: [save(holders, { id: this.#holder, version: doc?.version ?? 0, beats: (doc?.beats ?? 0) + 1 })],
    });
  }

  async #beat(): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      await this.#clock.sleep(this.#term / 4, signal);
      if (signal.aborted) break;
      try {
        await this.#beatOnce();
      } catch (error) {
        this.#logger.warn({ err: error }, 'heartbeat failed; leases may pass to another process');
      }
    }
    const doc = await this.#store.get(holders, this.#holder).catch(() => undefined);
    if (doc) await this.#store.commit({ remove: [asRead(holders, doc)] }).catch(() => undefined);
  }
}
