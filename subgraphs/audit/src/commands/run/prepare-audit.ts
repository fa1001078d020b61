/** What an audit looks at before it begins or goes on: its customer as the owner has it now, and how current its sources are. */
import type { AuditError } from '../../domain/audit-run.js';
import { proposalsOf } from '../../domain/make-findings.js';
import { auditRuns } from '../../models/audit-runs.js';
import { hasSiteCodes, whyNoLevel, whyNotManaged } from '../check-audit.js';
import type { AuditJob, ScopedJob } from './audit-job.js';
import { ask } from './sources.js';

/** Thrown when the customer cannot be audited like this any more. */
export class AuditRefused extends Error {
  readonly code: AuditError['code'];
  constructor(code: AuditError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** @throws AuditRefused, SourceUnavailable */
export async function prepareAudit(job: AuditJob): Promise<ScopedJob> {
  const { context, writer } = job;
  const { customer, level, sites, total } = writer.run;
  const audited = await ask(job, 'number-inventory', () => context.numberInventory.auditedNode(customer));
  if (!audited) throw new Error(`customer ${customer} is gone`);
  const [refusal] = [...whyNotManaged(audited.node), ...whyNoLevel(audited.node, level)];
  if (refusal?.code === 'NUMBER_MANAGEMENT_OFF' || refusal?.code === 'DIAL_PLAN')
    throw new AuditRefused(refusal.code, refusal.message);
  if (total === undefined) await tellSources(job, audited.numbers);
  const siteCodes = hasSiteCodes(audited.node);
  return { ...job, scope: { customer, level, siteCodes, ...(sites && { sites: new Set(sites) }) } };
}

async function tellSources(job: AuditJob, numbers: number): Promise<void> {
  const { context, writer } = job;
  const { customer, applies } = writer.run;
  const syncs = await ask(job, 'connections', () => context.connections.lastSyncs(customer));
  const dryRun = applies === undefined ? undefined : await context.store.get(auditRuns, applies);
  const total = dryRun ? proposalsOf(dryRun) : numbers;
  const sources = syncs.map(({ connection, name, finishedAt }) => ({
    connection,
    name,
    ...(finishedAt !== null && { lastSuccessfulSync: finishedAt }),
  }));
  await writer.write((run) => ({ next: { ...run, total, sources }, commit: {} }));
}
