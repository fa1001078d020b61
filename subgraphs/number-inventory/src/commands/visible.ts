/**
 * What a caller sees: its node and what is below; of the nodes above it a short form; nothing else. Every read, write, stream, entity reference and node
 * id is judged here. What may not be seen is as if it were not there.
 */
import { badInput } from '@numberyard/kit/graph/errors';
import { isWithin, type Identity } from '@numberyard/kit/identity/identity';
import type { Store } from '@numberyard/kit/storage/port';
import { hasPower } from '@numberyard/schema/rights';
import type { HierarchyNode, ShortNode } from '../domain/hierarchy.js';
import { nodes, type NodeDoc } from '../models/node.js';
import { numbers, type NumberDoc } from '../models/number.js';
import type { NumberFilter } from './number-filter.js';

/** Anything that lives at a hierarchy path. */
export function sees(identity: Identity, thing: { readonly path: string }): boolean {
  return isWithin(thing.path, identity.path);
}

/**
 * A node as the caller may know it: whole, short when it is above the caller's, or not at all. Who reads numbers only is told where they live, in short
 * and with no way up.
 */
export function nodeFor(identity: Identity, node: NodeDoc | undefined): HierarchyNode | ShortNode | undefined {
  if (!node) return undefined;
  const isSeen = sees(identity, node);
  const { id, type, name, path, parent } = node;
  if (!hasPower(identity, 'READ')) return isSeen ? { id, type, name, path, parent: '' } : undefined;
  if (isSeen) return node;
  return isWithin(identity.path, node.path) ? { id, type, name, path, parent } : undefined;
}

/** Whether a node is told whole, not in short. */
export function isWhole(node: HierarchyNode | ShortNode | undefined): node is HierarchyNode {
  return node !== undefined && 'retired' in node;
}

/** Who reads numbers only is not told of connections, so neither may they ask by one. @throws GraphQLError BAD_USER_INPUT */
export function checkFilter(identity: Identity, { connection }: Pick<NumberFilter, 'connection'>, field: string): void {
  if (connection && !hasPower(identity, 'READ')) throw badInput(field, 'is not for keys that read numbers only.');
}

export async function visibleNode(store: Store, identity: Identity, id: string): Promise<NodeDoc | undefined> {
  const node = await store.get(nodes, id);
  return node && sees(identity, node) ? node : undefined;
}

export async function visibleNumber(store: Store, identity: Identity, id: string): Promise<NumberDoc | undefined> {
  const number = await store.get(numbers, id);
  return number && sees(identity, number) ? number : undefined;
}

/** In the order of `ids`; undefined for what does not exist or may not be seen. */
export async function visibleNumbers(
  store: Store,
  identity: Identity,
  ids: readonly string[],
): Promise<(NumberDoc | undefined)[]> {
  const found = await store.getMany(numbers, ids);
  return found.map((number) => (number && sees(identity, number) ? number : undefined));
}
