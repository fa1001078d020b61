import { findConnection, readPageArguments, type PageArguments } from '@numberyard/kit/graph/page';
import { findingsOf, type FindingFilter } from '../commands/list-findings.js';
import type { AuditRun, AuditSource } from '../domain/audit-run.js';
import { findings } from '../models/findings.js';
import type { OperationContext } from './context.js';
import { loadRun } from './views.js';

type Id = { readonly id: string };
type FindingArguments = PageArguments & { readonly filter?: FindingFilter | null };

export const auditRunResolvers = {
  AuditRun: {
    __resolveReference: ({ id }: Id, context: OperationContext) => loadRun(id, context),
    customer: ({ customer }: AuditRun) => ({ id: customer }),
    sites: ({ sites }: AuditRun) => sites?.map((id) => ({ id })),
    applies: ({ applies }: AuditRun, _: unknown, context: OperationContext) =>
      applies === undefined ? null : loadRun(applies, context),
    appliedBy: ({ appliedBy }: AuditRun, _: unknown, context: OperationContext) =>
      appliedBy === undefined ? null : loadRun(appliedBy, context),
    progress: ({ compared, total, phase, trigger, upTo }: AuditRun) => ({
      compared,
      total,
      // Of the other phases, and of a run that applies findings, it is no number.
      upTo: phase === 'NUMBERS' && trigger !== 'APPLY' ? upTo : undefined,
    }),
    findings({ id }: AuditRun, { filter, ...args }: FindingArguments, { commands, allowance }: OperationContext) {
      allowance.take(readPageArguments(args).limit);
      return findConnection(commands.store, findings, findingsOf(id, filter ?? {}), args, (finding) => finding);
    },
    sourcesAsOf: ({ sources }: AuditRun) => sources,
  },
  AuditSource: {
    connection: ({ connection }: AuditSource) => ({ id: connection }),
  },
};
