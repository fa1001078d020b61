import type { Listing } from '@numberyard/schema/internal';
import { OrderedPages } from '../../domain/ordered-pages.js';

/** A list read page by page, one page ahead of who takes from it. */
export class PageFeed<T> extends OrderedPages<T> {
  readonly #read: (after: string | undefined) => Promise<Listing<T>>;
  #ahead: Promise<Listing<T>>;

  /** @param position where to begin; absent: at the beginning */
  constructor(
    keyOf: (item: T) => string,
    read: (after: string | undefined) => Promise<Listing<T>>,
    position: string | undefined,
  ) {
    super(keyOf, position);
    this.#read = read;
    this.#ahead = this.#begin(position);
  }

  /** Read on until there is something new, or the list is whole. */
  async more(): Promise<void> {
    while (!this.isWhole) {
      const page = await this.#ahead;
      if (page.after !== undefined) this.#ahead = this.#begin(page.after);
      this.add(page);
      if (page.items.length > 0) return;
    }
  }

  #begin(after: string | undefined): Promise<Listing<T>> {
    const page = this.#read(after);
    // Told to whoever awaits it; nobody does when the audit ends first.
    page.catch(() => undefined);
    return page;
  }
}
