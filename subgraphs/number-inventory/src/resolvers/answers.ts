/** How outcomes of commands are told in GraphQL. */
import { badInput } from '@numberyard/kit/graph/errors';
import type { Reason, Result } from '../domain/refusals.js';
import { isWhole, visibleNode } from '../commands/visible.js';
import type { HierarchyNode } from '../domain/hierarchy.js';
import type { NodeDoc } from '../models/node.js';
import type { GraphContext } from './context.js';

export function userErrors(refusals: readonly Reason[]) {
  return refusals.map(({ code, message, field }) => ({ code, message, field: field ?? null }));
}

/** A payload: the fields made of the value, or null for each and the reasons. */
export function payload<T, P extends object>(result: Result<T>, fields: (value: T) => P) {
  return result.ok ? { ...fields(result.value), userErrors: [] } : { userErrors: userErrors(result.refusals) };
}

/** Where something is set that is in force below: null for the system default, and where that lies above what the caller sees. */
export async function whereSet(id: string | undefined, { nodes }: GraphContext): Promise<HierarchyNode | null> {
  const node = id === undefined ? undefined : await nodes.load(id);
  return isWhole(node) ? node : null;
}

/** The node a query is about: the caller's own by default. @throws GraphQLError BAD_USER_INPUT */
export async function scopeOf(
  { deps, identity }: GraphContext,
  id: string | null | undefined,
  field: string,
): Promise<Pick<NodeDoc, 'id' | 'path'>> {
  if (id == null) return { id: identity.node, path: identity.path };
  const node = await visibleNode(deps.store, identity, id);
  if (!node) throw badInput(field, 'There is no such node.');
  return node;
}
