import { PAGE_LIMIT, type Page, type PagePosition, type Store } from '@numberyard/kit/storage/port';
import type { AudioCodesConnection } from '../domain/connection.js';
import { connections } from '../models/connections.js';

/** All connections of a customer, in order of name. */
export async function connectionsOf(store: Store, customer: string): Promise<readonly AudioCodesConnection[]> {
  const found: AudioCodesConnection[] = [];
  let after: PagePosition | undefined;
  do {
    const page: Page<AudioCodesConnection> = await store.find(connections, {
      key: 'byCustomerName',
      equals: [customer],
      limit: PAGE_LIMIT,
      ...(after && { after }),
    });
    found.push(...page.items);
    after = page.after;
  } while (after);
  return found;
}
