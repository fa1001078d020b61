import { badInput } from '@numberyard/kit/graph/errors';
import { readPageArguments, toConnection, type PageArguments } from '@numberyard/kit/graph/page';
import { hasPower } from '@numberyard/schema/rights';
import { normaliseNumber } from '@numberyard/schema/number';
import { addNumbers, type AddNumbersInput } from '../commands/add-numbers.js';
import { assignNumber, releaseNumber, type AssignInput, type ReleaseInput } from '../commands/assign-number.js';
import type { ChangedNumbers } from '../commands/change-each.js';
import { claimNumber, type ClaimInput } from '../commands/claim-number.js';
import { coolNumbers, endCoolingOfNumbers, type StartCoolingInput } from '../commands/cool-numbers.js';
import { deleteNumbers } from '../commands/delete-numbers.js';
import { countNumbers, findNumbers } from '../commands/find-numbers.js';
import type { NumberFilter } from '../commands/number-filter.js';
import { orderOf, type NumberOrder } from '../commands/number-order.js';
import { moveNumbers, type MoveNumbersInput } from '../commands/move-numbers.js';
import { reserveNumbers, unreserveNumbers, type ReserveInput } from '../commands/reserve-numbers.js';
import { summariseNumbers } from '../commands/summarise-numbers.js';
import { updateNumber, type UpdateNumberInput } from '../commands/update-number.js';
import { checkFilter } from '../commands/visible.js';
import { e164Of, numberId } from '../domain/number.js';
import type { NumberDoc } from '../models/number.js';
import { payload, scopeOf, userErrors } from './answers.js';
import type { GraphContext } from './context.js';

export interface NumberFilterInput extends NumberFilter {
  readonly within?: string | null;
}

interface NumbersArguments extends PageArguments {
  readonly filter?: NumberFilterInput | null;
  readonly orderBy?: NumberOrder | null;
}

interface Input<T> {
  readonly input: T;
}

export const numberResolvers = {
  Query: {
    async numbers(_: unknown, args: NumbersArguments, context: GraphContext) {
      const filter = args.filter ?? {};
      checkFilter(context.identity, filter, 'filter.connection');
      const order = orderOf(filter, args.orderBy);
      const within = await scopeOf(context, filter.within, 'filter.within');
      const query = { within, filter, order, ...readPageArguments(args) };
      const page = await findNumbers(context.deps.store, query);
      const totalCount = async () => (await countNumbers(context.deps.store, query)) ?? null;
      return { ...toConnection(page, args, (number) => number), totalCount };
    },
    number(_: unknown, { id }: { id: string }, context: GraphContext) {
      return context.numbers.load(id);
    },
    numberByValue(_: unknown, { customer, number }: { customer: string; number: string }, context: GraphContext) {
      const normalised = normaliseNumber(number);
      if (normalised === undefined)
        throw badInput('number', 'A number has digits only, optionally after a leading plus.');
      return context.numbers.load(numberId(customer, normalised));
    },
    async numberSummary(_: unknown, { within }: { within?: string | null }, context: GraphContext) {
      const scope = await scopeOf(context, within, 'within');
      return summariseNumbers(context.deps.store, scope.id);
    },
  },

  Mutation: {
    async addNumbers(_: unknown, { input }: Input<AddNumbersInput>, context: GraphContext) {
      const result = await addNumbers(context.deps, context, input);
      if (!result.ok) return { numbers: [], existing: [], userErrors: userErrors(result.refusals) };
      const { added, existing } = result.value;
      return { numbers: await present(context, added), existing, userErrors: [] };
    },
    async claimNextAvailableNumber(_: unknown, { input }: Input<ClaimInput>, context: GraphContext) {
      return payload(await claimNumber(context.deps, context, input), (number) => ({ number }));
    },
    async assignNumber(_: unknown, { input }: Input<AssignInput>, context: GraphContext) {
      return payload(await assignNumber(context.deps, context, input), (number) => ({ number }));
    },
    async releaseNumber(_: unknown, { input }: Input<ReleaseInput>, context: GraphContext) {
      return payload(await releaseNumber(context.deps, context, input), (number) => ({ number }));
    },
    async reserveNumbers(_: unknown, { input }: Input<ReserveInput>, context: GraphContext) {
      return changedPayload(context, await reserveNumbers(context.deps, context, input));
    },
    async unreserveNumbers(_: unknown, { input }: Input<{ ids: string[] }>, context: GraphContext) {
      return changedPayload(context, await unreserveNumbers(context.deps, context, input.ids));
    },
    async startCooling(_: unknown, { input }: Input<StartCoolingInput>, context: GraphContext) {
      return changedPayload(context, await coolNumbers(context.deps, context, input));
    },
    async endCooling(_: unknown, { input }: Input<{ ids: string[] }>, context: GraphContext) {
      return changedPayload(context, await endCoolingOfNumbers(context.deps, context, input.ids));
    },
    async moveNumbers(_: unknown, { input }: Input<MoveNumbersInput>, context: GraphContext) {
      return changedPayload(context, await moveNumbers(context.deps, context, input));
    },
    async updateNumber(_: unknown, { input }: Input<UpdateNumberInput>, context: GraphContext) {
      return payload(await updateNumber(context.deps, context, input), (number) => ({ number }));
    },
    async deleteNumbers(_: unknown, { input }: Input<{ ids: string[] }>, context: GraphContext) {
      const { changed, refusals } = await deleteNumbers(context.deps, context, input.ids);
      return { deleted: changed, userErrors: userErrors(refusals) };
    },
  },

  InventoryNumber: {
    __resolveReference({ id }: { id: string }, context: GraphContext) {
      return context.numbers.load(id);
    },
    e164: ({ number, e164 }: NumberDoc) => e164Of(number) ?? e164 ?? null,
    extras: ({ extras }: NumberDoc) => extras ?? [],
    hierarchyNode: ({ node }: NumberDoc, _: unknown, context: GraphContext) => context.nodes.load(node),
    // Whoever reads numbers only is not told of connections, not even that there is one.
    connection: ({ connection }: NumberDoc, _: unknown, { identity }: GraphContext) =>
      connection === undefined || !hasPower(identity, 'READ')
        ? null
        : { __typename: 'AudioCodesConnection', id: connection },
  },
};

async function changedPayload(context: GraphContext, { changed, refusals }: ChangedNumbers) {
  return { numbers: await present(context, changed), userErrors: userErrors(refusals) };
}

/** The numbers as they are now; one that was deleted in between is left out. */
async function present(context: GraphContext, ids: readonly string[]): Promise<NumberDoc[]> {
  const found = await Promise.all(ids.map((id) => context.numbers.load(id)));
  return found.filter((number) => number !== undefined);
}
