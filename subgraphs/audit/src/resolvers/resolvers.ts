/** From GraphQL to the commands and back; nothing is decided here. */
import { dateTime } from '@numberyard/kit/graph/date-time';
import { listAuditRuns, type ListAuditRuns } from '../commands/list-audit-runs.js';
import type { AuditRun } from '../domain/audit-run.js';
import type { Context } from './context.js';

export const resolvers = {
  DateTime: dateTime,
  Query: {
    auditRuns: (_root: unknown, args: ListAuditRuns, context: Context) =>
      listAuditRuns(context, context.identity, args),
    auditRun: (_root: unknown, { id }: { id: string }, context: Context) => context.auditRun.load(id),
  },
  AuditRun: {
    customer: (run: AuditRun) => ({ id: run.customer }),
    __resolveReference: ({ id }: { id: string }, context: Context) => context.auditRun.load(id),
  },
};
