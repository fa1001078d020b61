import { PAGE_LIMIT, type Page, type PagePosition, type Store } from '@numberyard/kit/storage/port';
import { compareValues } from '@numberyard/kit/storage/order';
import type { ListedUse } from '@numberyard/schema/internal';
import { listedUse } from '../domain/listed-use.js';
import type { RegisteredUser } from '../domain/registered-user.js';
import { registeredUsers } from '../models/registered-users.js';
import { connectionsOf } from './customer-connections.js';

/** The registered users of a customer that are there and have one of these numbers, in order of number and reference. At most 500 numbers. */
export async function numberUsesOf(
  store: Store,
  customer: string,
  numbers: readonly string[],
): Promise<readonly ListedUse[]> {
  if (numbers.length === 0) return [];
  const uses: ListedUse[] = [];
  for (const connection of await connectionsOf(store, customer)) {
    let after: PagePosition | undefined;
    do {
      const page: Page<RegisteredUser> = await store.find(registeredUsers, {
        key: 'inUse',
        equals: [connection.id],
        next: { in: numbers },
        limit: PAGE_LIMIT,
        ...(after && { after }),
      });
      uses.push(...page.items.flatMap((user) => listedUse(user, connection)));
      after = page.after;
    } while (after);
  }
  return uses.sort((a, b) => compareValues(a.number, b.number) || compareValues(a.ref, b.ref));
}
