/**
 * What is told of work while it goes on, to somebody who may read it later only: a client that sends all of its upload before it reads a word of the answer
 * must not be waited for. So it waits here; the work bounds how much there is.
 */
export class NewsQueue<T> {
  readonly #replaces: (item: T, waiting: T) => boolean;
  readonly #waiting: T[] = [];
  #wake: (() => void) | undefined;
  #end: { readonly error?: unknown } | undefined;

  /** @param replaces whether an item makes the one that waits before it needless */
  constructor(replaces: (item: T, waiting: T) => boolean) {
    this.#replaces = replaces;
  }

  push(item: T): void {
    const last = this.#waiting.at(-1);
    if (last !== undefined && this.#replaces(item, last)) this.#waiting.pop();
    this.#waiting.push(item);
    this.#wake?.();
  }

  end(): void {
    this.#end = {};
    this.#wake?.();
  }

  fail(error: unknown): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  /** undefined at the end. @throws what it failed with, after all that was told before */
  async next(): Promise<T | undefined> {
    for (;;) {
      const item = this.#waiting.shift();
      if (item !== undefined) return item;
      if (this.#end) {
        if ('error' in this.#end) throw this.#end.error;
        return undefined;
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
