/** Pages of numbers out of their keys, and several pages as one. */
import type { Find, KeyValue, Page, PagePosition, Store } from '@numberyard/kit/storage/port';
import { numbers, type NumberDoc } from '../models/number.js';

export interface NumberOrder {
  readonly field: 'NUMBER' | 'RELEASE_DATE';
  readonly direction: 'ASC' | 'DESC';
}

export interface Paging {
  readonly order: NumberOrder;
  readonly limit: number;
  readonly after?: PagePosition;
}

/** Stands after every path. */
const LAST = '\u{10FFFF}';

/** What of a `Find` differs from key to key. */
type Part = Pick<Find, 'key' | 'equals' | 'next' | 'where'>;

/** A page of one key, its positions without what is the same all along and without the path. */
export async function pageOf(store: Store, { limit, after, order }: Paging, part: Part): Promise<Page<NumberDoc>> {
  const same = part.equals ?? [];
  const descending = order.direction === 'DESC';
  const hasPath = numbers.keys[part.key]?.paths.includes('path') ?? false;
  const shorten = (position: PagePosition) =>
    position.slice(same.length).filter((_, index, { length }) => !hasPath || index !== length - 2);
  // A connection has a number once, so whatever its path was, what follows has another number.
  const path = hasPath ? [descending ? '' : LAST] : [];
  const from = after && [...same, ...after.slice(0, -1), ...path, ...after.slice(-1)];
  const page = await store.find(numbers, { ...part, limit, descending, ...(from && { after: from }) });
  return {
    items: page.items,
    positions: page.positions.map(shorten),
    ...(page.after && { after: shorten(page.after) }),
  };
}

/**
 * The first of several pages together. A page that was cut short has nothing to tell beyond its end, so nothing beyond the nearest such end is taken. A number
 * that changed while they were read may stand in two of them.
 */
export function merge(pages: readonly Page<NumberDoc>[], { limit, order }: Paging): Page<NumberDoc> {
  if (pages.length === 1 && pages[0]) return pages[0];
  const sign = order.direction === 'DESC' ? -1 : 1;
  const byPosition = (a: PagePosition, b: PagePosition) => sign * compare(a, b);
  const [end] = pages.flatMap((page) => (page.after ? [page.after] : [])).sort(byPosition);
  const entries = new Map<string, { readonly item: NumberDoc; readonly position: PagePosition }>();
  for (const { items, positions } of pages) {
    for (const [index, item] of items.entries()) {
      const position = positions[index] ?? [];
      if (!end || byPosition(position, end) <= 0) entries.set(item.id, { item, position });
    }
  }
  const sorted = [...entries.values()].sort((a, b) => byPosition(a.position, b.position));
  const taken = sorted.slice(0, limit);
  const after = taken.length === limit ? taken.at(-1)?.position : end;
  return {
    items: taken.map(({ item }) => item),
    positions: taken.map(({ position }) => position),
    ...((end || sorted.length > limit) && after && { after }),
  };
}

function compare(a: PagePosition, b: PagePosition): number {
  for (const [index, value] of a.entries()) {
    const other: KeyValue | undefined = b[index];
    if (other === undefined || value === other) continue;
    return value < other ? -1 : 1;
  }
  return 0;
}
