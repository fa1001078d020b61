import { badInput, toGraphQLError } from '@numberyard/kit/graph/errors';
import { mapStream } from '@numberyard/kit/graph/map-stream';
import { isWithin } from '@numberyard/kit/identity/identity';
import { openStream, type StreamedEvent } from '@numberyard/kit/log/stream';
import { fieldsOf, type EventType } from '@numberyard/schema/events';
import { refresh, type OperationContext } from './context.js';
import { loadConnection, loadRun } from './views.js';

interface StreamArguments {
  readonly within?: string | null;
  readonly after?: string | null;
}

export const subscriptions = {
  syncRunUpdated: {
    async subscribe(_: unknown, args: StreamArguments & { connection?: string | null }, context: OperationContext) {
      return live('syncRunUpdated', 'SyncRunUpdated', args, context, async ({ event, cursor }) => {
        const fields = fieldsOf(event, 'SyncRunUpdated');
        if (!fields || (args.connection != null && fields.connection !== args.connection)) return undefined;
        const syncRun = await loadRun(fields.run, context);
        return syncRun ? { change: fields.change, syncRun, cursor } : undefined;
      });
    },
  },
  connectionReachabilityChanged: {
    async subscribe(_: unknown, args: StreamArguments, context: OperationContext) {
      return live('connectionReachabilityChanged', 'ReachabilityChanged', args, context, async ({ event, cursor }) => {
        const fields = fieldsOf(event, 'ReachabilityChanged');
        const connection = fields && (await loadConnection(fields.connection, context));
        // A connection that is gone has nothing to be told of.
        return connection ? { change: fields.state, connection, cursor } : undefined;
      });
    },
  },
};

/** Events the caller may see when they are delivered, as payloads of one field. */
async function live<T>(
  field: string,
  type: EventType,
  { within, after }: StreamArguments,
  context: OperationContext,
  payload: (streamed: StreamedEvent) => Promise<T | undefined>,
): Promise<AsyncIterableIterator<Record<string, T>>> {
  const { identity, commands } = context;
  const root = within == null ? identity.path : (await commands.hierarchy.visibleNode(within, identity))?.path;
  if (root === undefined) throw badInput('within', 'There is no such hierarchy node.');
  const stream = await openStream({
    log: commands.store.log,
    clock: commands.clock,
    after: after ?? null,
    types: [type],
    retentions: ['passing'],
  }).catch((error: unknown) => {
    throw toGraphQLError(error);
  });
  return mapStream(stream, async (streamed) => {
    if (!isWithin(streamed.event.path, root)) return undefined;
    refresh(context);
    const value = await payload(streamed);
    return value === undefined ? undefined : { [field]: value };
  });
}
