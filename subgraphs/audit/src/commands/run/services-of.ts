/** Reading services in the orders an audit needs them. */
import type { Find, PagePosition, Store } from '@numberyard/kit/storage/port';
import type { Listing } from '@numberyard/schema/internal';
import type { NumberService } from '../../domain/number-service.js';
import { numberServices } from '../../models/number-services.js';

/** Items of one page of any listing. */
export const PAGE = 500;

/** A page of one order of a customer's services. */
export async function servicePage(
  store: Store,
  find: Pick<Find, 'key' | 'equals' | 'next'>,
  after: string | undefined,
): Promise<Listing<NumberService>> {
  const position = after === undefined ? {} : { after: JSON.parse(after) as PagePosition };
  const page = await store.find(numberServices, { ...find, ...position, limit: PAGE });
  return { items: page.items, ...(page.after && { after: JSON.stringify(page.after) }) };
}

/** All services of some numbers, as they are now. @param numbers at most 500 */
export async function servicesOfNumbers(
  store: Store,
  customer: string,
  numbers: readonly string[],
): Promise<ReadonlyMap<string, readonly NumberService[]>> {
  const found = new Map<string, NumberService[]>();
  if (numbers.length === 0) return found;
  const find = { key: 'byNumber', equals: [customer], next: { in: numbers } };
  let after: string | undefined;
  do {
    const page = await servicePage(store, find, after);
    for (const service of page.items) {
      const others = found.get(service.number);
      if (others) others.push(service);
      else found.set(service.number, [service]);
    }
    after = page.after;
  } while (after !== undefined);
  return found;
}
