import { toGraphQLError } from '@numberyard/kit/graph/errors';
import { streamCoolingChanges, streamNumberChanges, type StreamedChange } from '../commands/number-stream.js';
import { checkFilter } from '../commands/visible.js';
import { scopeOf } from './answers.js';
import type { GraphContext } from './context.js';
import type { NumberFilterInput } from './number.js';

interface NumberChangedArguments {
  readonly filter?: NumberFilterInput | null;
  readonly after?: string | null;
}

interface CoolingChangedArguments {
  readonly within?: string | null;
  readonly after?: string | null;
}

export const liveResolvers = {
  Subscription: {
    numberChanged: {
      async subscribe(_: unknown, { filter, after }: NumberChangedArguments, context: GraphContext) {
        checkFilter(context.identity, filter ?? {}, 'filter.connection');
        const { path } = await scopeOf(context, filter?.within, 'filter.within');
        const scope = { identity: context.identity, within: path, filter: filter ?? {}, after: after ?? null };
        return streamNumberChanges(context.deps, scope).catch(rethrown);
      },
      resolve: (change: unknown) => change,
    },
    coolingChanged: {
      async subscribe(_: unknown, { within, after }: CoolingChangedArguments, context: GraphContext) {
        const { path } = await scopeOf(context, within, 'within');
        const scope = { identity: context.identity, within: path, filter: {}, after: after ?? null };
        return streamCoolingChanges(context.deps, scope).catch(rethrown);
      },
      resolve: (change: unknown) => change,
    },
  },

  NumberChanged: { number: currentNumber },
  CoolingChanged: { number: currentNumber },
};

/** The number as it is when the event is delivered; null once it is gone or out of sight. */
function currentNumber({ change, id }: StreamedChange<string>, _: unknown, context: GraphContext) {
  return change === 'LEFT' || change === 'DELETED' ? null : context.numbers.load(id);
}

function rethrown(error: unknown): never {
  throw toGraphQLError(error);
}
