/** The graph of the gateway's bench with a stream: items as they change, each joined with its shop and its stock. */
import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { itemsSdl, shopsSdl, stockSdl, subgraphs, type BenchSubgraph } from '../gateway/catalogue.js';

const streamSdl = `${itemsSdl}
  type ItemChanged { item: Item! at: Float! cursor: String! }
  type Subscription { itemChanged(after: String): ItemChanged! }`;

/** What every client subscribes to: two joins. */
export const subscription = `subscription Changes {
  itemChanged { at cursor item { id title state price tags shop { name city open } stock { count place } } }
}`;

/** Milliseconds by the clock that the processes of a machine share. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

export class Feed {
  #position = 0;
  readonly #listeners = new Set<(change: unknown) => void>();

  /** An event, to whoever listens. */
  emit(): void {
    this.#position += 1;
    const id = `item-${this.#position}`;
    const item = {
      id,
      title: `Item number ${id}`,
      state: 'USED',
      price: 100,
      tags: ['a', 'b'],
      shop: { id: 'shop-1' },
    };
    const change = { itemChanged: { item, at: now(), cursor: `feed.${this.#position}` } };
    for (const listener of this.#listeners) listener(change);
  }

  subgraphs(): readonly BenchSubgraph[] {
    const resolvers = { Subscription: { itemChanged: { subscribe: () => this.#stream() } } };
    const items = { name: 'items', schema: buildSubgraphSchema({ typeDefs: parse(streamSdl), resolvers }) };
    return [items, ...subgraphs().filter(({ name }) => name !== 'items')];
  }

  #stream(): AsyncIterableIterator<unknown> {
    const held: unknown[] = [];
    let wake: ((step: IteratorResult<unknown>) => void) | undefined;
    const listener = (change: unknown): void => {
      if (wake) wake({ done: false, value: change });
      else held.push(change);
      wake = undefined;
    };
    this.#listeners.add(listener);
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      next: () =>
        held.length > 0
          ? Promise.resolve({ done: false, value: held.shift() })
          : new Promise((resolve) => (wake = resolve)),
      return: () => {
        this.#listeners.delete(listener);
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }
}

export function supergraph(): string {
  const services = Object.entries({ items: streamSdl, shops: shopsSdl, stock: stockSdl });
  const composed = composeServices(
    services.map(([name, sdl]) => ({ name, url: `http://${name}.invalid`, typeDefs: parse(sdl) })),
  );
  if (!composed.supergraphSdl) throw new Error(String(composed.errors));
  return composed.supergraphSdl;
}
