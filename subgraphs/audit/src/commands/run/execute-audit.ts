/** One audit from its beginning in a lane, or from where another process left it, to wherever it leaves the lane. */
import { ContentionError } from '@numberyard/kit/commands/decide';
import { StoreError } from '@numberyard/kit/storage/port';
import { LeaseLostError } from '@numberyard/kit/workers/leases';
import type { Step } from '@numberyard/kit/workers/loop';
import { AUDIT_PHASES, MOST_ATTEMPTS, type AuditError } from '../../domain/audit-run.js';
import { inPhase } from '../../domain/run-life.js';
import type { CommandContext } from '../context.js';
import { applyFindings } from './apply-findings.js';
import type { AuditJob, ScopedJob } from './audit-job.js';
import { auditNumbers } from './audit-numbers.js';
import { AuditCancelled, AuditSuperseded, AuditWriter } from './audit-writer.js';
import { beginAudit, type BegunAudit } from './begin-audit.js';
import { isUnsettled, settle } from './corrections.js';
import { findDuplicates } from './find-duplicates.js';
import { leaveCancelled, leaveDone, leaveFailed, leaveForLater } from './leave-audit.js';
import { AuditRefused, prepareAudit } from './prepare-audit.js';
import { SourceUnavailable } from './sources.js';
import { watchAudit } from './watch-audit.js';

/** @returns false when no audit was waiting */
export async function executeNextAudit(context: CommandContext, lane: number, step: Step): Promise<boolean> {
  const begun = await beginAudit(context, lane, step.lease);
  if (!begun) return false;
  try {
    await carryOut(context, begun, step);
  } catch (error) {
    if (!(error instanceof AuditSuperseded)) throw error;
    context.logger.info({ run: begun.run.id }, 'the audit has ended or is run elsewhere; stopped');
  }
  return true;
}

async function carryOut(context: CommandContext, { run, active }: BegunAudit, step: Step): Promise<void> {
  const writer = new AuditWriter(context, step.lease, run, active);
  const stop = new AbortController();
  const watched = watchAudit(context, run, stop);
  const job: AuditJob = {
    context,
    writer,
    signal: AbortSignal.any([step.signal, stop.signal]),
    draining: step.signal,
  };
  const log = context.logger.child({ run: run.id, customer: run.customer, requestId: run.requestId });
  try {
    log.info({ level: run.level, trigger: run.trigger, attempt: run.attempts }, 'an audit begins');
    await audit(job);
    await leaveDone(job);
  } catch (thrown) {
    if (isNotOurs(thrown)) throw thrown;
    // An abort surfaces as whatever was under way; its reason is what happened.
    const error: unknown = stop.signal.aborted ? stop.signal.reason : thrown;
    if (isNotOurs(error)) throw error;
    if (step.signal.aborted && (!(error instanceof AuditCancelled) || (await isUnsettled(job))))
      await leaveForLater(job);
    else if (error instanceof AuditCancelled) await leaveCancelled(job);
    else await fail(job, error);
  } finally {
    stop.abort();
    await watched;
  }
  const { state, counts, error } = writer.run;
  log.info({ state, counts, error }, 'an audit leaves its lane');
}

/** Whatever else becomes of the run, it is told first what came of the corrections that an earlier attempt had under way. */
async function audit(job: AuditJob): Promise<void> {
  const { writer } = job;
  await settle(job);
  if (writer.isCancelled) throw new AuditCancelled(`audit ${writer.run.id} was cancelled`);
  if (writer.run.attempts > MOST_ATTEMPTS) throw new Interrupted();
  const scoped = await prepareAudit(job);
  const { applies } = writer.run;
  if (applies !== undefined) return applyFindings(scoped, applies);
  for (const phase of AUDIT_PHASES.slice(AUDIT_PHASES.indexOf(writer.run.phase))) {
    if (phase !== writer.run.phase) await writer.write((run) => ({ next: inPhase(run, phase), commit: {} }));
    await (phase === 'NUMBERS' ? auditNumbers(scoped) : findDuplicates(scoped, phase));
  }
}

/** Thrown when the processes that ran it died too often. */
class Interrupted extends Error {}

/** What says nothing about the run: the store is away, or somebody else has the run. */
function isNotOurs(error: unknown): boolean {
  return (
    error instanceof StoreError ||
    error instanceof LeaseLostError ||
    error instanceof ContentionError ||
    error instanceof AuditSuperseded
  );
}

async function fail(job: AuditJob, error: unknown): Promise<void> {
  try {
    await leaveFailed(job, told(job, error));
  } catch (conflict) {
    if (!(conflict instanceof AuditCancelled)) throw conflict;
    await leaveCancelled(job);
  }
}

function told({ context, writer }: AuditJob | ScopedJob, error: unknown): AuditError {
  if (error instanceof AuditRefused) return { code: error.code, message: error.message };
  if (error instanceof SourceUnavailable) return { code: 'SOURCE_UNAVAILABLE', message: error.message };
  if (error instanceof Interrupted) {
    const message = `The process ended while it ran, ${MOST_ATTEMPTS} times; what it had done until then stays.`;
    return { code: 'INTERRUPTED', message };
  }
  context.logger.error({ err: error, run: writer.run.id }, 'an audit failed for a reason of our own');
  return { code: 'INTERNAL', message: 'Numberyard could not carry out the audit; the log says why.' };
}
