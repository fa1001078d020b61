/** Several lists in one order, read page by page and taken value by value: what is held at a time is a page or two of each. */
import type { Listing } from '@numberyard/schema/internal';

/** One list, as far as it was read and not taken. */
export class OrderedPages<T> {
  readonly #keyOf: (item: T) => string;
  #items: readonly T[] = [];
  #next = 0;
  /** Where the pages begin that items are left of, and how many, oldest first. */
  #pages: { readonly position: string | undefined; left: number }[] = [];
  #position: string | undefined;
  #isWhole = false;

  /** @param position where the first page is read from; absent: the beginning */
  constructor(keyOf: (item: T) => string, position?: string) {
    this.#keyOf = keyOf;
    this.#position = position;
  }

  /** A position at or before the first item that was not taken: reading on from there misses nothing. */
  get position(): string | undefined {
    const oldest = this.#pages[0];
    return oldest ? oldest.position : this.#position;
  }

  /** Key of the next item. */
  get head(): string | undefined {
    const item = this.#items[this.#next];
    return item === undefined ? undefined : this.#keyOf(item);
  }

  /** Whether everything below this key is here: the list is whole, or goes on past it. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Key of the last item that was read; more of the same key may follow. */
  get last(): string | undefined {
    const item = this.#items.at(-1);
    return item === undefined || this.#next >= this.#items.length ? undefined : this.#keyOf(item);
  }

  /** Add the page that {@link position} of an empty list, or `after` of the page before, led to. */
  add({ items, after }: Listing<T>): void {
    if (items.length > 0) {
      const left = this.#items.slice(this.#next);
      this.#items = left.length === 0 ? items : [...left, ...items];
      this.#next = 0;
      this.#pages.push({ position: this.#position, left: items.length });
    }
    if (after === undefined) this.#isWhole = true;
    else this.#position = after;
  }

  /** All items of this key, which is the next one's or comes before it. */
  take(key: string): T[] {
    const taken: T[] = [];
    for (let item = this.#items[this.#next]; item !== undefined && this.#keyOf(item) === key;) {
      taken.push(item);
      this.#next += 1;
      item = this.#items[this.#next];
    }
    this.#leave(taken.length);
    return taken;
  }

  #leave(count: number): void {
    for (let rest = count, page = this.#pages[0]; rest > 0 && page; page = this.#pages[0]) {
      const gone = Math.min(rest, page.left);
      page.left -= gone;
      rest -= gone;
      if (page.left > 0) return;
      this.#pages.shift();
    }
  }
}

/** The lowest key of which all lists have everything at hand; undefined when more has to be read, or nothing is left. */
export function nextKey(
  lists: readonly Pick<OrderedPages<unknown>, 'head' | 'last' | 'isWhole'>[],
): string | undefined {
  let lowest: string | undefined;
  for (const { head } of lists) if (head !== undefined && (lowest === undefined || head < lowest)) lowest = head;
  if (lowest === undefined) return undefined;
  for (const list of lists) if (needsMore(list, lowest)) return undefined;
  return lowest;
}

/** Whether a list may have more of this key than was read of it. */
export function needsMore({ last, isWhole }: Pick<OrderedPages<unknown>, 'last' | 'isWhole'>, key: string): boolean {
  return !isWhole && (last === undefined || last <= key);
}
