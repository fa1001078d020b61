/** The proposals of a dry run handed over, in their order, each with the mark of the number it was made for: what has changed since is left alone. */
import { giveWay } from '@numberyard/kit/workers/courtesy';
import type { Finding } from '../../domain/finding.js';
import { findings } from '../../models/findings.js';
import type { AuditJob } from './audit-job.js';
import { endStretch } from './corrections.js';
import { PAGE, servicesOfNumbers } from './services-of.js';
import { Stretch } from './stretch.js';

/** Goes on after the last finding that was gone through. */
export async function applyFindings(job: AuditJob, dryRun: string): Promise<void> {
  const { context, writer, signal } = job;
  let upTo = Number(writer.run.upTo ?? 0);
  let stretch = new Stretch(context.clock);
  for (;;) {
    signal.throwIfAborted();
    const page = await context.store.find(findings, {
      key: 'byRun',
      equals: [dryRun],
      next: { gt: upTo },
      limit: PAGE,
    });
    const numbers = page.items.filter(isProposal).map(({ number }) => number);
    const services = await servicesOfNumbers(context.store, writer.run.customer, numbers);
    for (const finding of page.items) {
      upTo = finding.seq;
      if (!isProposal(finding)) continue;
      const { number, mark = null } = finding;
      stretch.propose({ number, mark }, services.get(number)?.length ?? 0);
      stretch.pass(String(finding.seq));
      if (!stretch.isFull) continue;
      await endStretch(job, stretch);
      stretch = new Stretch(context.clock);
    }
    if (!page.after) break;
    await giveWay();
  }
  await endStretch(job, stretch);
}

function isProposal(finding: Finding): finding is Finding & { readonly number: string } {
  return finding.outcome === 'PROPOSED' && finding.number !== undefined;
}
