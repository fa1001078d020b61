import type { ListingCheck } from '../../domain/listing-check.js';
import type { RegisteredUser } from '../../domain/registered-user.js';
import { meetsAll } from '../../domain/sync-filter.js';
import { registeredUsers } from '../../models/registered-users.js';
import { PAGE_LIMIT, type PagePosition, type Store } from '@numberyard/kit/storage/port';
import type { SyncJob } from './job.js';

/** Mirrored users that a listing did not name, whose node (SBC) is in sync and whom the data sync deals with, in pages. */
export async function* absentUsers(
  { connection, context, filter }: SyncJob,
  check: ListingCheck,
  frozen: ReadonlySet<string>,
): AsyncGenerator<RegisteredUser[]> {
  const isAbsent = (user: RegisteredUser) =>
    !check.seen.has(user.armId) && !frozen.has(user.sbc) && meetsAll(filter, user);
  for await (const page of mirroredUsers(context.store, connection.id)) {
    const absent = page.filter((user) => isAbsent(user));
    if (absent.length > 0) yield absent;
  }
}

/** Everybody mirrored of a connection, in pages; those behind may be changed or removed meanwhile. */
export async function* mirroredUsers(store: Store, connection: string): AsyncGenerator<readonly RegisteredUser[]> {
  let after: PagePosition | undefined;
  do {
    const page = await store.find(registeredUsers, {
      key: 'byConnection',
      equals: [connection],
      limit: PAGE_LIMIT,
      ...(after ? { after } : {}),
    });
    yield page.items;
    after = page.after;
  } while (after);
}

/** How many users are mirrored of a connection. */
export async function mirroredCount(store: Store, connection: string): Promise<number> {
  const counts = await store.counts(registeredUsers, 'perConnection', connection);
  return counts.reduce((sum, { count }) => sum + count, 0);
}
