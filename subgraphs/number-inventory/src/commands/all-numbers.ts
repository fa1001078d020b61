/** All numbers that match, page by page: as many as there are, and never more than a page of them in memory. */
import type { PagePosition, Store } from '@numberyard/kit/storage/port';
import type { HierarchyNode } from '../domain/hierarchy.js';
import { nodes } from '../models/node.js';
import type { NumberDoc } from '../models/number.js';
import { findNumbers, type NumberQuery } from './find-numbers.js';

export interface PlacedNumber extends NumberDoc {
  /** Name of the customer or site it lives at. */
  readonly nodeName: string;
}

export const NUMBERS_PER_PAGE = 500;
/** Names of nodes that are remembered while pages go by. */
const REMEMBERED = 10_000;

/**
 * Each page is what was true when it was read. Between pages others get their turn.
 * @param query `within` has to be visible to whoever asks
 * @throws GraphQLError BAD_USER_INPUT when `after` is of another order
 */
export async function* allNumbers(
  store: Store,
  query: Omit<NumberQuery, 'limit'>,
): AsyncGenerator<readonly PlacedNumber[]> {
  const names = new Map<string, string>();
  let { after } = query;
  do {
    const page = await findNumbers(store, { ...query, limit: NUMBERS_PER_PAGE, ...(after && { after }) });
    if (page.items.length > 0) yield await placed(store, page.items, names);
    after = page.after;
    await new Promise((resolve) => setImmediate(resolve));
  } while (after);
}

/** Where a number stands in an order, made of what an export tells of it; the number itself may be gone by now. */
export function positionOf(
  order: NumberQuery['order'],
  { number, id, releaseDate }: { readonly number: string; readonly id: string; readonly releaseDate?: string },
  endingOf: (number: string) => string,
): PagePosition {
  if (order.field === 'ENDING') return [endingOf(number), id];
  return order.field === 'RELEASE_DATE' ? [releaseDate ?? '', number, id] : [number, id];
}

async function placed(
  store: Store,
  items: readonly NumberDoc[],
  names: Map<string, string>,
): Promise<readonly PlacedNumber[]> {
  if (names.size > REMEMBERED) names.clear();
  const missing = [...new Set(items.map(({ node }) => node))].filter((node) => !names.has(node));
  const found: readonly (HierarchyNode | undefined)[] = missing.length > 0 ? await store.getMany(nodes, missing) : [];
  for (const [index, node] of missing.entries()) names.set(node, found[index]?.name ?? '');
  return items.map((item) => ({ ...item, nodeName: names.get(item.node) ?? '' }));
}
