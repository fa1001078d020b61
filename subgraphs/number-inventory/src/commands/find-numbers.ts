/** Pages of numbers: every filter and order over a key that covers it. */
import { badInput } from '@numberyard/kit/graph/errors';
import type { Page, PagePosition, Store } from '@numberyard/kit/storage/port';
import { endingOf } from '../domain/ending.js';
import type { NumberDoc } from '../models/number.js';
import { matchingKinds } from './number-kinds.js';
import type { NumberOrder } from './number-order.js';
import { merge, ORDER_PATHS, pageOf, type Paging } from './number-pages.js';
import { partsOf, type Wanted } from './number-parts.js';

export type NumberQuery = Wanted & Paging;

/**
 * A page in the order that is given, which has to be one that `orderOf` allows for the filter. A position is what the order goes by and the id, whichever
 * key served it, so that a cursor stays good when another key is chosen for the next page.
 * @throws GraphQLError BAD_USER_INPUT when `after` is of another order
 */
export async function findNumbers(store: Store, query: NumberQuery): Promise<Page<NumberDoc>> {
  if (query.after && !isPosition(query.after, query.order.field)) throw badInput('after', 'is no cursor of this list.');
  const parts = await partsOf(store, query);
  return merge(await Promise.all(parts.map((part) => pageOf(store, query, part))), query);
}

/** How many numbers match; undefined where no counter knows. */
export async function countNumbers(store: Store, { within, filter, order }: Wanted): Promise<number | undefined> {
  if (order.field !== 'NUMBER' || filter.startsWith || filter.tag != null || filter.connection) return undefined;
  const kinds = await matchingKinds(store, within.id, filter);
  return kinds.reduce((sum, { count }) => sum + count, 0);
}

/** A position ends with the id, which is made of the number that the position is of; that tells it from those of other lists. */
function isPosition(after: PagePosition, field: NumberOrder['field']): boolean {
  const [value, id] = after.slice(-2);
  if (after.length !== ORDER_PATHS[field].length + 1 || typeof value !== 'string' || typeof id !== 'string')
    return false;
  return id.endsWith(`:${field === 'ENDING' ? endingOf(value) : value}`);
}
