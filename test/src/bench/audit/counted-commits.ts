import { workerCollections } from '@numberyard/kit/workers/collections';
import type { Commit, Store } from '@numberyard/kit/storage/port';

export interface Counted {
  readonly commits: number;
  /** Documents saved and removed, by collection. */
  readonly documents: ReadonlyMap<string, number>;
}

/** Counts what is committed to some stores until it is stopped; leases and cursors aside, which are written whatever happens. */
export class CountedCommits {
  readonly #counted = new Map<string, { commits: number; documents: Map<string, number> }>();
  readonly #undo: (() => void)[] = [];

  constructor(stores: readonly Store[]) {
    for (const store of stores) this.#watch(store);
  }

  stop(): ReadonlyMap<string, Counted> {
    for (const undo of this.#undo) undo();
    return this.#counted;
  }

  #watch(store: Store): void {
    const counted = { commits: 0, documents: new Map<string, number>() };
    this.#counted.set(store.name, counted);
    const commit = store.commit.bind(store);
    store.commit = (asked: Commit) => {
      const written = [...(asked.save ?? []), ...(asked.remove ?? [])].filter(
        ({ collection }) => !UPKEEP.has(collection),
      );
      if (written.length > 0) counted.commits += 1;
      for (const { collection } of written)
        counted.documents.set(collection, (counted.documents.get(collection) ?? 0) + 1);
      return commit(asked);
    };
    this.#undo.push(() => void (store.commit = commit));
  }
}

const UPKEEP: ReadonlySet<string> = new Set(workerCollections.map(({ name }) => name));
