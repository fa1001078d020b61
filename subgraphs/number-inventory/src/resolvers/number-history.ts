import { readPageArguments, toConnection, type PageArguments } from '@numberyard/kit/graph/page';
import type { LoggedEvent } from '@numberyard/kit/log/event';
import { numberAt, numberHistory } from '../commands/number-history.js';
import { numberFieldsOf, type NumberDoc } from '../models/number.js';
import type { GraphContext } from './context.js';

type Entry = ReturnType<typeof entryOf>;

export const numberHistoryResolvers = {
  InventoryNumber: {
    async history({ id }: NumberDoc, args: PageArguments, context: GraphContext) {
      const { limit, after } = readPageArguments(args);
      return toConnection(await numberHistory(context.deps.store, id, limit, after), args, entryOf);
    },
    async stateAt({ id }: NumberDoc, { time }: { time: string }, context: GraphContext) {
      const event = await numberAt(context.deps.store, id, time);
      return event ? entryOf(event) : null;
    },
  },

  NumberEvent: {
    // A number may have come from where the caller sees nothing: the node is then not told, as one that is not there.
    hierarchyNode: ({ node }: Entry, _: unknown, context: GraphContext) => context.nodes.load(node),
  },
};

function entryOf(event: LoggedEvent) {
  const { position, type, time, actor, cause } = event;
  const fields = numberFieldsOf(event);
  if (!fields) throw new Error(`${type} is no event of a number`);
  const { status, usage, vendor, tag, releaseDate, description, node } = fields;
  return {
    id: String(position),
    type,
    time,
    actor: actor.label ?? actor.id,
    cause: cause ?? null,
    status: type === 'NumberDeleted' ? null : status,
    usage,
    vendor,
    tag,
    releaseDate,
    description: description ?? null,
    node,
  };
}
