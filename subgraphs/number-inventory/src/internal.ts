/** What this subgraph answers the others and the gateway, beside the graph. */
import { encodePosition, readPageArguments } from '@numberyard/kit/graph/page';
import type { NumberInventoryInternal } from '@numberyard/schema/internal';
import { auditedNode, auditedNumbers } from './commands/audited.js';
import { correctNumbers, type CorrectingDeps } from './commands/correct-numbers.js';
import { findNodes } from './commands/hierarchy-nodes.js';
import { macrosInForce } from './commands/macro-values.js';
import { providerNode } from './commands/provider.js';
import { verifyKey } from './commands/verify-key.js';
import { nodeFields, nodes } from './models/node.js';

export function numberInventoryInternal(deps: CorrectingDeps): NumberInventoryInternal {
  return {
    verifyKey: (authorization) => verifyKey(deps, authorization),
    async nodes(after, limit) {
      const provider = await providerNode(deps.store);
      if (!provider) return { items: [] };
      const position = readPageArguments({ first: limit, after: after ?? null });
      const page = await findNodes(deps.store, { within: provider, ...position });
      return { items: page.items.map(nodeFields), ...(page.after && { after: encodePosition(page.after) }) };
    },
    async effectiveMacro(id, name) {
      const node = await deps.store.get(nodes, id);
      if (!node) return undefined;
      return (await macrosInForce(deps.store, node)).find((macro) => macro.name === name)?.value;
    },
    auditedNode: (id) => auditedNode(deps.store, id),
    auditedNumbers: (customer, after, limit) => auditedNumbers(deps.store, customer, after, limit),
    correctNumbers: (batch) => correctNumbers(deps, batch),
  };
}
