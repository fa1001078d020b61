import { encodePosition, readPageArguments } from '@numberyard/kit/graph/page';
import type { Store } from '@numberyard/kit/storage/port';
import type { Listing, RegisteredNumberUse } from '@numberyard/schema/internal';
import { connections } from '../models/connections.js';
import { registeredUsers } from '../models/registered-users.js';

/** Every registered user that is there and has a number, in order of number and reference. */
export async function listNumberUses(
  store: Store,
  after: string | undefined,
  limit: number,
): Promise<Listing<RegisteredNumberUse>> {
  const position = readPageArguments({ first: limit, after: after ?? null });
  const page = await store.find(registeredUsers, { key: 'byNumber', ...position });
  const ids = [...new Set(page.items.map((user) => user.connection))];
  const owners = await store.getMany(connections, ids);
  const nodes = new Map(owners.flatMap((owner) => (owner ? [[owner.id, owner.node] as const] : [])));
  const items = page.items.flatMap(({ id, inUse, connection }) => {
    const node = nodes.get(connection);
    return inUse === undefined || node === undefined ? [] : [{ ref: id, number: inUse, connection, node }];
  });
  return { items, ...(page.after ? { after: encodePosition(page.after) } : {}) };
}
