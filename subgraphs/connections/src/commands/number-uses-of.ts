import { PAGE_LIMIT, type Page, type PagePosition, type Store } from '@numberyard/kit/storage/port';
import { compareValues } from '@numberyard/kit/storage/order';
import type { ListedUse } from '@numberyard/schema/internal';
import { listedUse } from '../domain/listed-use.js';
import type { AudioCodesConnection } from '../domain/connection.js';
import type { RegisteredUser } from '../domain/registered-user.js';
import { registeredUsers } from '../models/registered-users.js';
import { connectionsOf } from './customer-connections.js';

/** Connections read side by side. */
const BESIDE = 16;

/** The registered users of a customer that are there and have one of these numbers, in order of number and reference. At most 500 numbers. */
export async function numberUsesOf(
  store: Store,
  customer: string,
  numbers: readonly string[],
): Promise<readonly ListedUse[]> {
  if (numbers.length === 0) return [];
  const wanted = [...numbers].sort(compareValues);
  const uses: ListedUse[] = [];
  const connections = await connectionsOf(store, customer);
  for (let at = 0; at < connections.length; at += BESIDE) {
    const read = connections.slice(at, at + BESIDE).map((connection) => usesOf(store, connection, wanted));
    for (const found of await Promise.all(read)) uses.push(...found);
  }
  return uses.sort((a, b) => compareValues(a.number, b.number) || compareValues(a.ref, b.ref));
}

/** @param wanted in order */
async function usesOf(store: Store, connection: AudioCodesConnection, wanted: readonly string[]): Promise<ListedUse[]> {
  const uses: ListedUse[] = [];
  const near = await withinReach(store, connection.id, wanted);
  if (near.length === 0) return uses;
  let after: PagePosition | undefined;
  do {
    const page: Page<RegisteredUser> = await store.find(registeredUsers, {
      key: 'inUse',
      equals: [connection.id],
      next: { in: near },
      limit: PAGE_LIMIT,
      ...(after && { after }),
    });
    for (const user of page.items) uses.push(...listedUse(user, connection));
    after = page.after;
  } while (after);
  return uses;
}

/**
 * Those of the numbers that lie between the first and the last which the connection has among them: where each of hundreds of connections has a block of numbers of
 * its own, few are looked for in more than one. Who registers in between is told of by an event that comes later than this reading.
 */
async function withinReach(store: Store, connection: string, wanted: readonly string[]): Promise<readonly string[]> {
  const range = { gte: wanted[0] ?? '', lte: wanted.at(-1) ?? '' };
  const end = async (descending: boolean) => {
    const find = { key: 'inUse', equals: [connection], next: range, descending, limit: 1 };
    return (await store.find(registeredUsers, find)).items[0]?.inUse;
  };
  const [first, last] = await Promise.all([end(false), end(true)]);
  if (first === undefined || last === undefined) return [];
  return wanted.filter((number) => compareValues(number, first) >= 0 && compareValues(number, last) <= 0);
}
