/** Reading documents by id: what is asked for in the same turn of the event loop is one query. */
import { PAGE_LIMIT } from '../port.js';
import type { Stored } from './documents.js';

interface Asked {
  readonly ids: readonly string[];
  readonly resolve: (found: (Stored | undefined)[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Of one collection. */
export class Gatherer {
  readonly #query: (ids: readonly string[]) => Promise<readonly Stored[]>;
  #asked: Asked[] = [];

  /** @param query answers the documents there are, in any order; asked for at most {@link PAGE_LIMIT} different ids */
  constructor(query: (ids: readonly string[]) => Promise<readonly Stored[]>) {
    this.#query = query;
  }

  /** In the order of `ids`, as they are after this call. Nobody else is given the same objects. */
  get(ids: readonly string[]): Promise<(Stored | undefined)[]> {
    return new Promise((resolve, reject) => {
      if (this.#asked.length === 0) setImmediate(() => this.#flush());
      this.#asked.push({ ids, resolve, reject });
    });
  }

  #flush(): void {
    let together: Asked[] = [];
    let count = 0;
    for (const asked of this.#asked.splice(0)) {
      if (count + asked.ids.length > PAGE_LIMIT && together.length > 0) {
        void this.#ask(together);
        together = [];
        count = 0;
      }
      together.push(asked);
      count += asked.ids.length;
    }
    void this.#ask(together);
  }

  async #ask(together: readonly Asked[]): Promise<void> {
    try {
      const found = await this.#query([...new Set(together.flatMap(({ ids }) => ids))]);
      const byId = new Map(found.map((stored) => [stored._id, stored]));
      const given = new Set<string>();
      const give = (id: string) => {
        const stored = byId.get(id);
        if (!stored || !given.has(id)) {
          given.add(id);
          return stored;
        }
        return structuredClone(stored);
      };
      for (const { ids, resolve } of together) resolve(ids.map(give));
    } catch (error) {
      for (const { reject } of together) reject(error);
    }
  }
}
