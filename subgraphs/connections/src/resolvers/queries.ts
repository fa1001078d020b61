import { findConnection as findPage, readPageArguments, type PageArguments } from '@numberyard/kit/graph/page';
import { badInput } from '@numberyard/kit/graph/errors';
import type { Find } from '@numberyard/kit/storage/port';
import type { SyncRunState } from '../domain/run.js';
import { seesFully } from '../domain/visibility.js';
import { connections } from '../models/connections.js';
import { syncRuns } from '../models/sync-runs.js';
import type { OperationContext } from './context.js';
import { loadConnection, loadRun, viewConnection } from './views.js';

interface RunFilter {
  readonly connection?: string | null;
  readonly state?: SyncRunState | null;
}

export const queries = {
  async audioCodesConnections(_: unknown, args: PageArguments & { within?: string | null }, context: OperationContext) {
    readPageArguments(args);
    const node = await nodeOf(args.within, context);
    const { store } = context.commands;
    const find = { key: 'byName', equals: [node] };
    return {
      ...(await findPage(store, connections, find, args, (connection) => viewConnection(connection, context))),
      async totalCount() {
        const counts = await store.counts(connections, 'perNode', node);
        return counts.reduce((sum, { count }) => sum + count, 0);
      },
    };
  },

  audioCodesConnection(_: unknown, { id }: { id: string }, context: OperationContext) {
    return loadConnection(id, context);
  },

  async syncRuns(_: unknown, args: PageArguments & RunFilter, context: OperationContext) {
    readPageArguments(args);
    const found = await findRuns(args, context);
    return findPage(context.commands.store, syncRuns, { ...found, descending: true }, args, (run) => run);
  },

  syncRun(_: unknown, { id }: { id: string }, context: OperationContext) {
    return loadRun(id, context);
  },
};

/** The node to look below: the caller's own by default. @throws GraphQLError BAD_USER_INPUT, the same for what is not there and what may not be seen */
async function nodeOf(within: string | null | undefined, { identity, commands }: OperationContext) {
  if (within == null) return identity.node;
  const node = await commands.hierarchy.visibleNode(within, identity);
  if (!node) throw badInput('within', 'There is no such node.');
  return node.id;
}

async function findRuns(
  { connection, state }: RunFilter,
  { identity, loaders }: OperationContext,
): Promise<Pick<Find, 'key' | 'equals'>> {
  const last = state == null ? [] : [state];
  if (connection == null) return { key: state == null ? 'byNode' : 'byNodeState', equals: [identity.node, ...last] };
  const owner = await loaders.connections.load(connection);
  if (!owner || !seesFully(owner.path, identity)) throw badInput('connection', 'There is no such connection.');
  return { key: state == null ? 'byConnection' : 'byConnectionState', equals: [connection, ...last] };
}
