/**
 * Numbers this process is handing out at the moment. Many claims at one node would all choose the lowest number, and all but one would lose and choose
 * again; so a claim passes over what another is taking. This saves work only: that a number goes out once rests on its version.
 */
import type { Page, PagePosition, Store } from '@numberyard/kit/storage/port';
import { AVAILABLE_KIND } from '../domain/kind.js';
import { numbers, type NumberDoc } from '../models/number.js';

const MOST_PER_LOOK = 200;

export class ClaimsInFlight {
  readonly #held = new Set<string>();
  #settled: { promise: Promise<void>; resolve: () => void } | undefined;

  /**
   * The lowest Available number at one of the nodes or below that nobody here is taking, held until {@link letGo}. When all that are left are being taken it
   * waits for one of those claims to end, since it may fail.
   */
  async choose(store: Store, nodes: readonly string[]): Promise<NumberDoc | undefined> {
    for (;;) {
      const looks: (NumberDoc | 'ALL_HELD' | undefined)[] = [];
      for (const node of nodes) looks.push(await this.#look(store, node));
      const free = looks.filter((look) => typeof look === 'object');
      // What was free may have been taken up here while the next node was looked at.
      const lowest = free
        .filter(({ id }) => !this.#held.has(id))
        .reduce<NumberDoc | undefined>((low, each) => (low && low.number <= each.number ? low : each), undefined);
      if (lowest) this.#held.add(lowest.id);
      if (lowest || looks.every((look) => look === undefined)) return lowest;
      if (free.length === 0) await this.#nextSettled();
    }
  }

  letGo(id: string): void {
    this.#held.delete(id);
    this.#settled?.resolve();
    this.#settled = undefined;
  }

  async #look(store: Store, node: string): Promise<NumberDoc | 'ALL_HELD' | undefined> {
    let held = false;
    let after: PagePosition | undefined;
    do {
      const limit = Math.min(this.#held.size + 1, MOST_PER_LOOK);
      const page: Page<NumberDoc> = await store.find(numbers, {
        key: 'byKind',
        equals: [node, AVAILABLE_KIND],
        limit,
        ...(after && { after }),
      });
      const free = page.items.find((number) => !this.#held.has(number.id));
      if (free) return free;
      held ||= page.items.length > 0;
      after = page.after;
    } while (after);
    // What was held when it was read may have been let go since: then it was taken, or the next look finds it.
    return held ? 'ALL_HELD' : undefined;
  }

  #nextSettled(): Promise<void> {
    if (this.#held.size === 0) return Promise.resolve();
    if (!this.#settled) {
      let resolve = () => {};
      const promise = new Promise<void>((settle) => (resolve = settle));
      this.#settled = { promise, resolve };
    }
    return this.#settled.promise;
  }
}
