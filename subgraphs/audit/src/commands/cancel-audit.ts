import { decide } from '@numberyard/kit/commands/decide';
import { done, refused, type Outcome } from '@numberyard/kit/graph/refusal';
import type { Identity } from '@numberyard/kit/identity/identity';
import { absent, save } from '@numberyard/kit/storage/port';
import type { AuditRun } from '../domain/audit-run.js';
import { notFound, type RefusalCode } from '../domain/refusals.js';
import { cancelled, hasEnded } from '../domain/run-life.js';
import { activeAudits, auditBatches, auditRuns } from '../models/audit-runs.js';
import { keyActor, nowOf, type CommandContext } from './context.js';
import { endingOf } from './end-audit.js';
import { findAuditRun } from './find-audit-run.js';
import { stored } from './queue-audit.js';

/**
 * Cancel an audit; what it has corrected stays corrected. One that waits in the queue ends at once; one that runs, or has corrections under way, ends when its
 * runner notices and it is known what came of them, and answers as it is until then.
 */
export async function cancelAudit(
  context: CommandContext,
  identity: Identity,
  { run: id }: { readonly run: string },
): Promise<Outcome<AuditRun, RefusalCode>> {
  const { store } = context;
  const outcome = await decide<Outcome<AuditRun, RefusalCode>>(store, async () => {
    const run = await findAuditRun(store, identity, id);
    if (!run) return { value: refused(notFound('audit', 'run')) };
    const active = await store.get(activeAudits, run.customer);
    if (hasEnded(run.state) || active?.run !== id) {
      return { value: refused({ code: 'AUDIT_ENDED', message: 'The audit has ended already.', field: 'run' }) };
    }
    const isUnderWay = run.state === 'RUNNING' || (await store.get(auditBatches, id)) !== undefined;
    if (isUnderWay) {
      if (active.cancel) return { value: done(run) };
      return { value: done(run), commit: { save: [save(activeAudits, { ...active, cancel: true })] } };
    }
    const now = nowOf(context);
    const ended = cancelled(run, now);
    const ending = endingOf(ended, active, keyActor(identity), now);
    const expect = [absent(auditBatches, id)];
    return { value: done(stored(ended)), commit: { ...ending, expect, save: [save(auditRuns, ended)] } };
  });
  if (outcome.ok) context.bells.runQueued();
  return outcome;
}
