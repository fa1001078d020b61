/** Retiring a node: for good, and only an empty one. */
import { decide } from '@numberyard/kit/commands/decide';
import { done, refused } from '@numberyard/kit/graph/refusal';
import type { Page, PagePosition, Store } from '@numberyard/kit/storage/port';
import type { HierarchyNode } from '../domain/hierarchy.js';
import { notFound, reason, type Reason, type Result } from '../domain/refusals.js';
import { nodes, saveNode, type NodeDoc } from '../models/node.js';
import { byCaller, nowOf, type Caller, type Deps } from './context.js';
import { nodeEvent } from './node-event.js';
import { visibleNode } from './visible.js';
import { hasNumbers, lookAway, lookInto } from './while-empty.js';

const PAGE = 100;

/**
 * Refuses NOT_FOUND, NODE_IN_USE (numbers, or live nodes below), WRONG_NODE_TYPE (the provider). A node that is retired already stays as it is. Its name and
 * its site location code are free again.
 */
export function retireNode(deps: Deps, caller: Caller, id: string): Promise<Result<HierarchyNode>> {
  const { store } = deps;
  return decide<Result<HierarchyNode>>(store, async () => {
    const seen = await visibleNode(store, caller.identity, id);
    const node = seen && seen.type !== 'PROVIDER' ? await lookInto(store, id) : seen;
    if (!node) return { value: refused(notFound('node', 'id')) };
    if (node.type === 'PROVIDER')
      return { value: refused(reason('WRONG_NODE_TYPE', 'The provider cannot be retired.', 'id')) };
    if (node.retired) return { value: done(node) };
    const inUse = await useProblem(store, node);
    if (inUse) {
      await lookAway(store, node);
      return { value: refused(inUse) };
    }
    const next = { ...node, retired: true, lookedAt: undefined, codeOwner: undefined };
    const events = [nodeEvent('HierarchyNodeRetired', next, byCaller(caller), nowOf(deps))];
    return { value: done(next), commit: { save: [saveNode(next, node.version)], events } };
  });
}

async function useProblem(store: Store, node: NodeDoc): Promise<Reason | undefined> {
  if (await hasLiveChild(store, node.id)) return reason('NODE_IN_USE', `${node.name} has live nodes below it.`, 'id');
  return (await hasNumbers(store, node.id)) ? reason('NODE_IN_USE', `${node.name} has numbers.`, 'id') : undefined;
}

async function hasLiveChild(store: Store, parent: string): Promise<boolean> {
  let after: PagePosition | undefined;
  do {
    const page: Page<NodeDoc> = await store.find(nodes, {
      key: 'bySibling',
      equals: [parent],
      where: { retired: false },
      limit: PAGE,
      ...(after && { after }),
    });
    if (page.items.length > 0) return true;
    after = page.after;
  } while (after);
  return false;
}
