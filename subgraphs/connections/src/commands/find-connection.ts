import type { Identity } from '@numberyard/kit/identity/identity';
import type { Store } from '@numberyard/kit/storage/port';
import type { AudioCodesConnection } from '../domain/connection.js';
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
