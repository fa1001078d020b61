/** The hierarchy: reading, creating and renaming nodes. */
import { newId } from '@numberyard/kit/crypto/id';
import { decide } from '@numberyard/kit/commands/decide';
import { badInput } from '@numberyard/kit/graph/errors';
import { checkPosition } from '@numberyard/kit/graph/page';
import { done, refused } from '@numberyard/kit/graph/refusal';
import type { NewEvent } from '@numberyard/kit/log/event';
import type { Page, PagePosition, Store } from '@numberyard/kit/storage/port';
import { entity, event } from '@numberyard/schema/events';
import {
  ancestorsOf,
  foldName,
  LONGEST_NAME,
  placementProblem,
  type HierarchyNode,
  type NodeType,
} from '../domain/hierarchy.js';
import { notFound, reason, textProblem, type Reason, type Result } from '../domain/refusals.js';
import { nodeFields, nodes, saveNode, type NodeDoc } from '../models/node.js';
import { byCaller, nowOf, type By, type Caller, type Deps } from './context.js';
import { visibleNode } from './visible.js';

export interface NodesQuery {
  readonly within: { readonly path: string };
  readonly type?: NodeType | null;
  readonly limit: number;
  readonly after?: PagePosition;
}

/** Nodes at or below a node, in order of their paths. @throws GraphQLError BAD_USER_INPUT when `after` is no position of these nodes */
export async function findNodes(store: Store, { within, type, limit, after }: NodesQuery): Promise<Page<NodeDoc>> {
  // Ids hold no character below the dot's successor, so this is the node itself and what lies below.
  const next = { gte: within.path, lt: `${within.path}/` };
  const by = type ? { key: 'byType', equals: [type] } : { key: 'byPath' };
  const find = { ...by, next, limit, ...(after && { after }) };
  checkPosition(nodes, find);
  const [path, id] = after?.slice(-2) ?? [];
  if (after && ancestorsOf(String(path)).at(-1) !== id) throw badInput('after', 'is no cursor of this list.');
  return store.find(nodes, find);
}

export interface CreateNodeInput {
  readonly parent: string;
  readonly type: NodeType;
  readonly name: string;
}

/** Refuses NOT_FOUND (the parent), WRONG_NODE_TYPE, ALREADY_EXISTS, REQUIRED, OUT_OF_RANGE. New customers have number management on. */
export function createNode(deps: Deps, caller: Caller, input: CreateNodeInput): Promise<Result<HierarchyNode>> {
  const { store } = deps;
  const name = input.name.trim();
  const id = newId();
  return decide<Result<HierarchyNode>>(store, async () => {
    const problems = textProblem(name, 'name', LONGEST_NAME);
    const parent = await visibleNode(store, caller.identity, input.parent);
    if (!parent) return { value: refused(...problems, notFound('node', 'parent')) };
    const above = await store.getMany(nodes, ancestorsOf(parent.path));
    const misplaced = placementProblem(
      input.type,
      above.filter((node) => node !== undefined),
    );
    if (misplaced) problems.push(misplaced);
    if (problems.length > 0) return { value: refused(...problems) };
    const taken = await nameTaken(store, parent.id, name);
    if (taken) return { value: refused(taken) };
    const now = nowOf(deps);
    const node: HierarchyNode = {
      id,
      type: input.type,
      name,
      parent: parent.id,
      path: `${parent.path}.${id}`,
      retired: false,
      createdAt: now,
      ...(input.type === 'CUSTOMER' && { numberManagement: true }),
    };
    const events = [nodeEvent('HierarchyNodeCreated', node, byCaller(caller), now)];
    // The parent must not be retired meanwhile.
    const expect = [{ collection: nodes.name, id: parent.id, version: parent.version }];
    return { value: done(node), commit: { expect, save: [saveNode(node, 0)], events } };
  });
}

/** Refuses NOT_FOUND, ALREADY_EXISTS, REQUIRED, OUT_OF_RANGE. */
export function renameNode(
  deps: Deps,
  caller: Caller,
  input: { readonly id: string; readonly name: string },
): Promise<Result<HierarchyNode>> {
  const { store } = deps;
  const name = input.name.trim();
  return decide<Result<HierarchyNode>>(store, async () => {
    const problems = textProblem(name, 'name', LONGEST_NAME);
    const node = await visibleNode(store, caller.identity, input.id);
    if (!node) return { value: refused(...problems, notFound('node', 'id')) };
    if (problems.length > 0) return { value: refused(...problems) };
    if (name === node.name) return { value: done(node) };
    const taken = await nameTaken(store, node.parent, name, node.id);
    if (taken) return { value: refused(taken) };
    const next: HierarchyNode = { ...node, name };
    const events = [nodeEvent('HierarchyNodeRenamed', next, byCaller(caller), nowOf(deps))];
    return { value: done(next), commit: { save: [saveNode(next, node.version)], events } };
  });
}

export function nodeEvent(
  type: 'HierarchyNodeCreated' | 'HierarchyNodeRenamed',
  node: HierarchyNode,
  by: By,
  time: string,
): NewEvent {
  return event(type, nodeFields(node), {
    retention: 'history',
    entity: entity.node(node.id),
    path: node.path,
    time,
    ...by,
  });
}

async function nameTaken(store: Store, parent: string, name: string, self?: string): Promise<Reason | undefined> {
  const sibling = await store.getByKey(nodes, 'bySibling', [parent, foldName(name)]);
  if (!sibling || sibling.id === self) return undefined;
  return reason('ALREADY_EXISTS', `There is a node named ${sibling.name} already.`, 'name');
}
