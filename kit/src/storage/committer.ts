/** One committer per store: whatever commits are waiting become one group, made durable at once. */
import { randomUUID } from 'node:crypto';
import { type Conflict, StoreError } from './port.js';
import type { GroupEngine, Outcome, PreparedCommit } from './prepared.js';

/** Bounds of one group; a commit larger than one of them makes a group of its own. */
export const GROUP_LIMITS = { commits: 400, documents: 2_000, size: 4_000_000 } as const;

export type Applied =
  { readonly position: number; readonly versions: readonly number[] } | { readonly conflicts: readonly Conflict[] };

interface Waiting {
  readonly commit: PreparedCommit;
  readonly resolve: (applied: Applied) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Merges waiting commits into groups and hands them to the engine, in the order they came. While one group is being made durable the next
 * one gathers: under load groups grow by themselves, a lone commit waits for nothing.
 */
export class Committer {
  readonly #engine: GroupEngine;
  readonly #onAppend: () => void;
  #queue: Waiting[] = [];
  #draining: Promise<void> | undefined;
  #closed: StoreError | undefined;

  /** @param onAppend called after each group that appended events */
  constructor(engine: GroupEngine, onAppend: () => void) {
    this.#engine = engine;
    this.#onAppend = onAppend;
  }

  /** Resolves when durable, or with the conflicts. @throws StoreError */
  submit(commit: PreparedCommit): Promise<Applied> {
    if (this.#closed) return Promise.reject(this.#closed);
    return new Promise((resolve, reject) => {
      this.#queue.push({ commit, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Refuse what comes from now on; resolves when what was taken is answered. */
  async close(): Promise<void> {
    this.#closed ??= new StoreError('CLOSED', 'The store is closed.');
    await this.#draining;
  }

  /** The engine is gone: answer everything that waits. */
  fail(error: StoreError): void {
    this.#closed ??= error;
    for (const { reject } of this.#queue.splice(0)) reject(error);
  }

  async #drain(): Promise<void> {
    // What the same turn of the event loop submits belongs in the first group.
    await new Promise<void>((resolve) => setImmediate(resolve));
    for (let group = this.#take(); group.length > 0; group = this.#take()) await this.#apply(group);
    this.#draining = undefined;
  }

  #take(): Waiting[] {
    let documents = 0;
    let size = 0;
    let count = 0;
    for (const { commit } of this.#queue) {
      documents += commit.documents;
      size += commit.size;
      const full = documents > GROUP_LIMITS.documents || size > GROUP_LIMITS.size || count === GROUP_LIMITS.commits;
      if (full && count > 0) break;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  async #apply(group: readonly Waiting[]): Promise<void> {
    try {
      const outcomes = await this.#engine.applyGroup({ id: randomUUID(), commits: group.map(({ commit }) => commit) });
      group.forEach((waiting, index) => answer(waiting, outcomes[index]));
      const appended = group.some(
        ({ commit }, index) => commit.events.length > 0 && 'position' in (outcomes[index] ?? {}),
      );
      if (appended) this.#onAppend();
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}

function answer({ resolve, reject }: Waiting, outcome: Outcome | undefined): void {
  if (!outcome) reject(new StoreError('UNAVAILABLE', 'The engine left a commit unanswered.'));
  else if ('fault' in outcome)
    reject(new StoreError('UNAVAILABLE', `The commit could not be applied: ${outcome.fault}`));
  else resolve(outcome);
}
