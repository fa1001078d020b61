/**
 * Handing numbers over to number-inventory, which corrects them by its own rules. The batch is written down before it is handed over and forgotten in the commit
 * that tells what came of it; number-inventory answers a batch that it knows as the first time. So whenever a process is killed, what was corrected and what the
 * findings tell is the same.
 */
import { asRead, save } from '@numberyard/kit/storage/port';
import type { CorrectionAnswer } from '@numberyard/schema/internal';
import type { AuditBatch } from '../../domain/audit-run.js';
import { duplicateNumber } from '../../domain/duplicates.js';
import { countedAs, foundOf, withFindings } from '../../domain/make-findings.js';
import { passed, plus } from '../../domain/run-life.js';
import { useOf } from '../../domain/service-use.js';
import { auditBatches } from '../../models/audit-runs.js';
import { nowOf } from '../context.js';
import type { AuditJob } from './audit-job.js';
import { AuditRefused } from './prepare-audit.js';
import { savedFindings } from './saved-findings.js';
import { servicesOfNumbers } from './services-of.js';
import { untilAnswered } from './sources.js';
import type { Stretch } from './stretch.js';

/** Milliseconds before a batch that is not done is asked after again. */
const BETWEEN_ASKS = 100;

/** Write how far the run has come, and have the candidates of the stretch corrected. */
export async function endStretch(job: AuditJob, stretch: Stretch): Promise<void> {
  const { context, writer } = job;
  if (stretch.candidates.length === 0) {
    if (stretch.upTo !== undefined) await writer.write((run) => ({ next: passed(run, stretch), commit: {} }));
    return;
  }
  const numbers = await batchNumbers(job, stretch);
  await writer.write(async (run) => {
    const next = { ...passed(run, stretch), batch: run.batch + 1 };
    // What is left of a batch of a run that failed is of no use to anybody.
    const version = (await context.store.get(auditBatches, run.id))?.version ?? 0;
    return { next, commit: { save: [save(auditBatches, { id: run.id, version, batch: next.batch, numbers })] } };
  });
  await settle(job);
}

/** The candidates with their services as they are now: they may have come and gone since the merge saw them. */
async function batchNumbers(
  { context: { store }, writer }: AuditJob,
  { candidates }: Stretch,
): Promise<AuditBatch['numbers']> {
  const numbers = candidates.map(({ number }) => number);
  const services = await servicesOfNumbers(store, writer.run.customer, numbers);
  return candidates.map(({ number, mark }) => {
    const here = services.get(number) ?? [];
    const duplicate = duplicateNumber(here);
    return { number, mark, services: here.map(useOf), ...(duplicate !== undefined && { duplicate }) };
  });
}

/**
 * Have the batch corrected that was written down last, if it is not known yet what came of it, and write that. Cancelling does not end this: what may have
 * been corrected has to be told.
 * @throws AuditRefused when nothing was corrected because the customer cannot be audited any more
 */
export async function settle(job: AuditJob): Promise<void> {
  const { context, writer } = job;
  const batch = await context.store.get(auditBatches, writer.run.id);
  if (!batch) return;
  const answer = await answered(job, batch);
  await writer.write(async (run) => {
    const done = answer.state === 'DONE' ? answer.corrections : [];
    const asked = new Map(batch.numbers.map((number) => [number.number, number]));
    const found = done.flatMap((correction) => {
      const number = asked.get(correction.number);
      return number ? foundOf(correction, number, run) : [];
    });
    const counts = done.reduce((sum, { kind }) => plus(sum, countedAs(kind)), run.counts);
    const written = withFindings({ ...run, counts }, found, nowOf(context));
    const findings = await savedFindings(context.store, written.findings);
    return { next: written.run, commit: { save: findings, remove: [asRead(auditBatches, batch)] } };
  }, false);
  if (answer.state === 'REFUSED') throw new AuditRefused(answer.code, answer.message);
}

/** Whether it is not known yet what came of the last batch. */
export async function isUnsettled({ context, writer }: AuditJob): Promise<boolean> {
  return (await context.store.get(auditBatches, writer.run.id)) !== undefined;
}

async function answered(
  { context, writer, draining }: AuditJob,
  { batch, numbers }: AuditBatch,
): Promise<Exclude<CorrectionAnswer, { readonly state: 'PENDING' }>> {
  const { id: run, customer, level, sites, dryRun } = writer.run;
  const corrected = numbers.map(({ number, mark, services }) => ({ number, mark, services }));
  const wanted = { run, batch, customer, level, sites: sites ?? null, dryRun, numbers: corrected };
  for (;;) {
    const answer = await untilAnswered(context, draining, 'number-inventory', () =>
      context.numberInventory.correctNumbers(wanted),
    );
    if (answer.state !== 'PENDING') return answer;
    await context.clock.sleep(BETWEEN_ASKS, draining);
  }
}
