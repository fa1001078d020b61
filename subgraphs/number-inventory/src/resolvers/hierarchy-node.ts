import { readPageArguments, toConnection, type PageArguments } from '@numberyard/kit/graph/page';
import { createNode, findNodes, type CreateNodeInput } from '../commands/hierarchy-nodes.js';
import { retireNode } from '../commands/retire-node.js';
import { isWhole } from '../commands/visible.js';
import { updateNode, type UpdateNodeInput } from '../commands/update-node.js';
import { dialPlanOf, type HierarchyNode, type NodeType, type ShortNode } from '../domain/hierarchy.js';
import type { NodeDoc } from '../models/node.js';
import { payload, scopeOf } from './answers.js';
import type { GraphContext } from './context.js';

interface NodesArguments extends PageArguments {
  readonly within?: string | null;
  readonly type?: NodeType | null;
}

export const hierarchyNodeResolvers = {
  Query: {
    async hierarchyNodes(_: unknown, args: NodesArguments, context: GraphContext) {
      const within = await scopeOf(context, args.within, 'within');
      const query = { within, type: args.type ?? null, ...readPageArguments(args) };
      return toConnection(await findNodes(context.deps.store, query), args, (node) => node);
    },
    hierarchyNode(_: unknown, { id }: { id: string }, context: GraphContext) {
      return context.nodes.load(id);
    },
  },

  Mutation: {
    async createHierarchyNode(_: unknown, { input }: { input: CreateNodeInput }, context: GraphContext) {
      return payload(await createNode(context.deps, context, input), (hierarchyNode) => ({ hierarchyNode }));
    },
    async updateHierarchyNode(_: unknown, { input }: { input: UpdateNodeInput }, context: GraphContext) {
      return payload(await updateNode(context.deps, context, input), (hierarchyNode) => ({ hierarchyNode }));
    },
    async retireHierarchyNode(_: unknown, { input }: { input: { id: string } }, context: GraphContext) {
      return payload(await retireNode(context.deps, context, input.id), (hierarchyNode) => ({ hierarchyNode }));
    },
  },

  HierarchyNode: {
    __resolveReference: ({ id }: { id: string }, context: GraphContext) => context.nodes.load(id),
    parent: ({ parent }: ShortNode, _: unknown, context: GraphContext) =>
      parent === '' ? null : context.nodes.load(parent),
    // Of nodes above the caller's own there is a short form only.
    dialPlan: (node: HierarchyNode | ShortNode) =>
      node.type === 'CUSTOMER' && isWhole(node) ? dialPlanOf(node) : null,
    async siteLocationCode({ siteLocationCode, codeOwner }: Partial<NodeDoc>, _: unknown, { dialPlans }: GraphContext) {
      const isAtRest = codeOwner !== undefined && (await dialPlans.load(codeOwner)) === 'FLAT';
      return isAtRest ? null : siteLocationCode;
    },
  },
};
