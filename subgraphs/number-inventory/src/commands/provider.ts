/** The one provider node, at the top of the hierarchy. */
import type { Store } from '@numberyard/kit/storage/port';
import { nodes, type NodeDoc } from '../models/node.js';

/** undefined before the first start has made it. */
export async function providerNode(store: Store): Promise<NodeDoc | undefined> {
  const page = await store.find(nodes, { key: 'byType', equals: ['PROVIDER'], limit: 1 });
  return page.items[0];
}
