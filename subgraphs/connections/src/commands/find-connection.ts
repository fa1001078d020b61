import type { Identity } from '@numberyard/kit/identity/identity';
import type { Collection } from '@numberyard/kit/storage/collection';
import type { Store } from '@numberyard/kit/storage/port';
import type { AudioCodesConnection } from '../domain/connection.js';
import { connectionOf, type DataSync, type Schedule } from '../domain/items.js';
import { seesFully } from '../domain/visibility.js';
import { connections } from '../models/connections.js';

/** A connection at the caller's node or below; one it sees in short form only is none it may act on. */
export async function findConnection(
  store: Store,
  id: string,
  identity: Identity,
): Promise<AudioCodesConnection | undefined> {
  const connection = await store.get(connections, id);
  return connection && seesFully(connection.path, identity) ? connection : undefined;
}

/** A data sync or schedule with its connection. What may not be seen costs what does not exist costs: both reads are made for either. */
export async function findItem<Item extends DataSync | Schedule>(
  store: Store,
  items: Collection<Item>,
  id: string,
  identity: Identity,
): Promise<{ readonly item: Item; readonly connection: AudioCodesConnection } | undefined> {
  const [item, connection] = await Promise.all([
    store.get(items, id),
    findConnection(store, connectionOf(id), identity),
  ]);
  return item && connection ? { item, connection } : undefined;
}
