import { findConnection as findPage, type PageArguments } from '@numberyard/kit/graph/page';
import { NO_EFFECT, type SyncRun } from '../domain/run.js';
import { syncIssues } from '../models/sync-runs.js';
import type { OperationContext } from './context.js';
import { loadConnection, loadRun } from './views.js';

export const syncRunResolvers = {
  SyncRun: {
    __resolveReference: ({ id }: { id: string }, context: OperationContext) => loadRun(id, context),
    connection: ({ connection }: SyncRun, _: unknown, context: OperationContext) => loadConnection(connection, context),
    effect: async ({ id }: SyncRun, _: unknown, { loaders }: OperationContext) =>
      (await loaders.effects.load(id)) ?? NO_EFFECT,
    issueCount: async ({ id, issueCount }: SyncRun, _: unknown, { loaders }: OperationContext) =>
      issueCount + ((await loaders.effects.load(id))?.issueCount ?? 0),
    issues({ id }: SyncRun, args: PageArguments, { commands }: OperationContext) {
      return findPage(commands.store, syncIssues, { key: 'byRun', equals: [id] }, args, (issue) => issue);
    },
  },
};
