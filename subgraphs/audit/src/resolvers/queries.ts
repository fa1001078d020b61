import { listAuditRuns, type ListAuditRuns } from '../commands/list-audit-runs.js';
import { auditSchedules } from '../models/audit-schedules.js';
import type { OperationContext } from './context.js';
import { loadRun, seen } from './views.js';

export const queries = {
  auditRuns: (_: unknown, args: ListAuditRuns, { commands, identity }: OperationContext) =>
    listAuditRuns(commands, identity, args),
  auditRun: (_: unknown, { id }: { id: string }, context: OperationContext) => loadRun(id, context),
  async auditSchedule(_: unknown, { customer }: { customer: string }, { commands, identity }: OperationContext) {
    return seen(await commands.store.get(auditSchedules, customer), identity);
  },
};
