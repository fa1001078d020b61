/** The kinds of numbers there are, out of one counter. */
import type { Store } from '@numberyard/kit/storage/port';
import { readKind, type Kind } from '../domain/kind.js';
import { numbers } from '../models/number.js';
import { matchesKind, type NumberFilter } from './number-filter.js';

export interface CountedKind extends Kind {
  readonly kind: string;
  readonly count: number;
}

/** The kinds of numbers at a node or below, and how many there are of each. */
export async function countedKinds(store: Store, node: string): Promise<CountedKind[]> {
  const counts = await store.counts(numbers, 'byKind', node);
  return counts.map(({ values, count }) => {
    const kind = String(values[0]);
    return { ...readKind(kind), kind, count };
  });
}

/** Those of them that a filter by status, usage and vendor lets through. */
export async function matchingKinds(store: Store, node: string, filter: NumberFilter): Promise<CountedKind[]> {
  return (await countedKinds(store, node)).filter((kind) => matchesKind(filter, kind));
}
