/** Pages of numbers out of their keys, and several pages as one. */
import type { Find, KeyValue, Page, PagePosition, Store } from '@numberyard/kit/storage/port';
import { numbers, type NumberDoc } from '../models/number.js';
import type { NumberOrder } from './number-order.js';

export interface Paging {
  readonly order: NumberOrder;
  readonly limit: number;
  /** What the order goes by, and the id: the same whichever key served the page. */
  readonly after?: PagePosition;
}

/** The paths each order goes by. In every key that serves it they stand together, right after what is the same all along. */
export const ORDER_PATHS: Readonly<Record<NumberOrder['field'], readonly string[]>> = {
  NUMBER: ['number'],
  RELEASE_DATE: ['releaseDate', 'number'],
  ENDING: ['ending'],
};

/** Stands after every text. */
const LAST = '\u{10FFFF}';

/** What of a `Find` differs from key to key. */
export type Part = Pick<Find, 'key' | 'equals' | 'next' | 'where'>;

/** A page of one key, its positions as they are the same for every key. */
export async function pageOf(store: Store, { limit, after, order }: Paging, part: Part): Promise<Page<NumberDoc>> {
  const same = part.equals ?? [];
  const ordering = ORDER_PATHS[order.field].length;
  const others = numbers.keys[part.key]?.paths.slice(same.length + ordering) ?? [];
  const descending = order.direction === 'DESC';
  const shorten = (position: PagePosition) => [
    ...position.slice(same.length, same.length + ordering),
    ...position.slice(-1),
  ];
  const from = after && [...same, ...after.slice(0, -1), ...others.map(placeOf(after, descending)), ...after.slice(-1)];
  const page = await store.find(numbers, { ...part, limit, descending, ...(from && { after: from }) });
  return {
    items: page.items,
    positions: page.positions.map(shorten),
    ...(page.after && { after: shorten(page.after) }),
  };
}

/**
 * Where to go on in a path that the order does not go by. A customer, and so a connection, has a number once: whatever else the key tells of it, what
 * follows is of another number, or in keys across customers of another customer.
 */
function placeOf(after: PagePosition, descending: boolean): (path: string) => KeyValue {
  const id = String(after.at(-1));
  return (path) => (path === 'customer' ? id.slice(0, id.indexOf(':')) : descending ? '' : LAST);
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
