import { badInput } from '@numberyard/kit/graph/errors';
import { macrosInForce, setMacro, type MacroInForce, type SetMacroInput } from '../commands/macro-values.js';
import { payload, whereSet } from './answers.js';
import type { GraphContext } from './context.js';

export const macroResolvers = {
  Query: {
    async macros(_: unknown, { node: id }: { node: string }, context: GraphContext) {
      const node = await context.nodes.load(id);
      if (!node) throw badInput('node', 'There is no such node.');
      return macrosInForce(context.deps.store, node);
    },
  },

  Mutation: {
    async setMacro(_: unknown, { input }: { input: SetMacroInput }, context: GraphContext) {
      return payload(await setMacro(context.deps, context, input), (macro) => ({ macro }));
    },
  },

  Macro: {
    setAt: ({ setAt }: MacroInForce, _: unknown, context: GraphContext) => whereSet(setAt, context),
  },
};
