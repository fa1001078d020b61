import { badInput } from '@numberyard/kit/graph/errors';
import { coolingOf, setCooling, type NodeCooling, type SetCoolingInput } from '../commands/cooling-settings.js';
import { payload } from './answers.js';
import type { GraphContext } from './context.js';

export const coolingSettingsResolvers = {
  Query: {
    async coolingSettings(_: unknown, { node: id }: { node: string }, context: GraphContext) {
      const node = await context.nodes.load(id);
      if (!node) throw badInput('node', 'There is no such node.');
      return coolingOf(context.deps.store, node);
    },
  },

  Mutation: {
    async setCoolingSettings(_: unknown, { input }: { input: SetCoolingInput }, context: GraphContext) {
      return payload(await setCooling(context.deps, context, input), (coolingSettings) => ({ coolingSettings }));
    },
  },

  CoolingSettings: {
    hierarchyNode: ({ node }: NodeCooling, _: unknown, context: GraphContext) => context.nodes.load(node),
    enabled: ({ set }: NodeCooling) => set.enabled ?? 'INHERIT',
    effectiveEnabled: ({ inForce }: NodeCooling) => inForce.enabled,
    enabledSetAt: ({ inForce }: NodeCooling, _: unknown, context: GraphContext) =>
      nodeOf(inForce.enabledSetAt, context),
    days: ({ set }: NodeCooling) => set.days ?? null,
    effectiveDays: ({ inForce }: NodeCooling) => inForce.days,
    daysSetAt: ({ inForce }: NodeCooling, _: unknown, context: GraphContext) => nodeOf(inForce.daysSetAt, context),
  },
};

function nodeOf(id: string | undefined, context: GraphContext) {
  return id === undefined ? null : context.nodes.load(id);
}
