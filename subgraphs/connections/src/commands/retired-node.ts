import { mirroredNodes } from '@numberyard/kit/hierarchy/node';
import type { Store } from '@numberyard/kit/storage/port';
import type { AudioCodesConnection } from '../domain/connection.js';

/**
 * Whether the node of a connection has been retired, as far as is known here. Its owner knows of no connections, so it may be retired while it has some, also
 * at the instant one is made; then they mirror nobody any more, and can be purged and deleted.
 */
export async function isAtRetiredNode(store: Store, { node }: Pick<AudioCodesConnection, 'node'>): Promise<boolean> {
  return (await store.get(mirroredNodes, node))?.retired === true;
}
