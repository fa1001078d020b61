/**
 * Whether a listing can be believed to be all there is. Absence is a hypothesis: only after a complete and consistent listing may a user it did not name be
 * taken for a candidate for removal.
 */
import { SeenIds } from './seen-ids.js';

export interface ListedPage<T> {
  readonly items: readonly T[];
  readonly total: number;
  readonly offset: number;
}

export class ListingCheck {
  readonly seen = new SeenIds();
  #named = 0;
  #total: number | undefined;
  #problem: string | undefined;

  /** Take note of a page. @returns its items without those the listing has named before */
  page<T extends { readonly id: string }>(page: ListedPage<T>): T[] {
    if (page.offset !== this.#named) this.#note('The pages of the listing do not follow one another.');
    this.#total ??= page.total;
    if (page.total !== this.#total) this.#note('The total changed while the listing was read.');
    this.#named += page.items.length;
    const fresh = page.items.filter((item) => this.seen.add(item.id));
    if (fresh.length < page.items.length) this.#note('The listing names a registered user twice.');
    return fresh;
  }

  /** What is wrong with the listing now that it has ended; nothing when it is complete and consistent. */
  problem(): string | undefined {
    if (this.#problem !== undefined) return this.#problem;
    const total = this.#total ?? 0;
    return this.seen.size === total
      ? undefined
      : `The listing named ${this.seen.size} registered users and said that there are ${total}.`;
  }

  get isEmpty(): boolean {
    return this.#named === 0;
  }

  #note(problem: string): void {
    this.#problem ??= problem;
  }
}
