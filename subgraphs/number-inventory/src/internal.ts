/** What this subgraph answers the others and the gateway, beside the graph. */
import { encodePosition, readPageArguments } from '@numberyard/kit/graph/page';
import type { NumberInventoryInternal } from '@numberyard/schema/internal';
import type { Deps } from './commands/context.js';
import { findNodes } from './commands/hierarchy-nodes.js';
import { providerNode } from './commands/provider.js';
import { verifyKey } from './commands/verify-key.js';
import { nodeFields } from './models/node.js';

export function numberInventoryInternal(deps: Pick<Deps, 'store' | 'clock'>): NumberInventoryInternal {
  return {
    verifyKey: (authorization) => verifyKey(deps, authorization),
    async nodes(after, limit) {
      const provider = await providerNode(deps.store);
      if (!provider) return { items: [] };
      const position = readPageArguments({ first: limit, after: after ?? null });
      const page = await findNodes(deps.store, { within: provider, ...position });
      return { items: page.items.map(nodeFields), ...(page.after && { after: encodePosition(page.after) }) };
    },
  };
}
