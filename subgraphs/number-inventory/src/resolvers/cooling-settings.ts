import { badInput } from '@numberyard/kit/graph/errors';
import { coolingOf, setCooling, type NodeCooling, type SetCoolingInput } from '../commands/cooling-settings.js';
import { isWhole } from '../commands/visible.js';
import { payload, whereSet } from './answers.js';
import type { GraphContext } from './context.js';

export const coolingSettingsResolvers = {
  Query: {
    async coolingSettings(_: unknown, { node: id }: { node: string }, context: GraphContext) {
      const node = await context.nodes.load(id);
      if (!node) throw badInput('node', 'There is no such node.');
      const cooling = await coolingOf(context.deps.store, node);
      // Of a node above the caller's own only what is in force is told.
      return isWhole(node) ? cooling : { ...cooling, set: {} };
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
      whereSet(inForce.enabledSetAt, context),
    days: ({ set }: NodeCooling) => set.days ?? null,
    effectiveDays: ({ inForce }: NodeCooling) => inForce.days,
    daysSetAt: ({ inForce }: NodeCooling, _: unknown, context: GraphContext) => whereSet(inForce.daysSetAt, context),
  },
};
