/** Goes through a listing from its first page to its last. */
import type { Listing } from './record.js';
import { RoutingManagerError } from './routing-manager-error.js';
import { PAGE_SIZE } from './wire.js';

/** More registered users than any routing manager is licensed for; where a listing that never ends is given up. */
export const USERS_MAXIMUM = 5_000_000;
/** Nodes (SBCs) are kept in memory all at once, so far fewer of them are taken. */
export const NODES_MAXIMUM = 10_000;
/** A listing that grows while it is read may grow so far beyond twice what its first page said. */
const GROWTH = 10_000;

type FetchPage<Item> = (offset: number, limit: number, signal: AbortSignal) => Promise<Listing<Item>>;

/**
 * Pages one after the other, each beginning where the one before ended; one is fetched ahead. Leaving the loop early ends the fetch.
 * @param maximum of items
 * @throws what the fetch throws, or the signal's reason when it was aborted
 */
export async function* listPages<Item>(
  fetch: FetchPage<Item>,
  maximum: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Listing<Item>, void, undefined> {
  signal?.throwIfAborted();
  const left = new AbortController();
  const abort = () => left.abort(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  const ahead = (offset: number) => {
    const page = fetch(offset, PAGE_SIZE, left.signal);
    // Whoever has left the loop does not want to hear of it.
    page.catch(() => undefined);
    return page;
  };
  try {
    let next: Promise<Listing<Item>> | undefined = ahead(0);
    let most = maximum;
    while (next) {
      const page: Listing<Item> = await next;
      const end = page.offset + page.items.length;
      if (page.offset === 0) most = Math.min(most, 2 * page.total + GROWTH);
      if (end > most)
        throw new RoutingManagerError('UNEXPECTED_ANSWER', 'The listing of the routing manager does not end.');
      next = page.items.length > 0 && end < page.total ? ahead(end) : undefined;
      yield page;
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    left.abort();
  }
}
