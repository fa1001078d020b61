import { decide } from '@numberyard/kit/commands/decide';
import { checkIdempotencyKey, keyReused, remember } from '@numberyard/kit/commands/remember';
import { done, refused, type Outcome } from '@numberyard/kit/graph/refusal';
import type { Identity } from '@numberyard/kit/identity/identity';
import { save } from '@numberyard/kit/storage/port';
import type { AuditRun } from '../domain/audit-run.js';
import { notFound, type AuditRefusal, type RefusalCode } from '../domain/refusals.js';
import { activeAudits, auditRuns } from '../models/audit-runs.js';
import { checkCustomer } from './check-audit.js';
import { keyActor, nowOf, type CommandContext } from './context.js';
import { findAuditRun } from './find-audit-run.js';
import { earlierRun } from './earlier-run.js';
import { queueAudit, stored } from './queue-audit.js';
import { auditActive } from './start-audit.js';

export interface ApplyAuditInput {
  /** The dry run. */
  readonly run: string;
  readonly idempotencyKey?: string | null;
}

/** Queue a run that applies what a dry run proposed, once. */
export async function applyAudit(
  context: CommandContext,
  identity: Identity,
  { run: id, idempotencyKey }: ApplyAuditInput,
): Promise<Outcome<AuditRun, RefusalCode>> {
  const { store, requestId } = context;
  const refusals = checkIdempotencyKey(idempotencyKey);
  if (refusals.length > 0) return refused(...refusals);
  const outcome = await decide<Outcome<AuditRun, RefusalCode>>(store, async () => {
    const dryRun = await findAuditRun(store, identity, id);
    if (!dryRun) return { value: refused(notFound('audit', 'run')) };
    const known = await remember(store, identity, 'applyAudit', idempotencyKey, { run: id });
    if (known.state === 'OTHER') return { value: refused(keyReused) };
    if (known.state === 'DONE') return { value: done(await earlierRun(store, known.result)) };
    const reason = whyNotApplicable(dryRun);
    if (reason) return { value: refused(reason) };
    const { customer, level, sites } = dryRun;
    const audited = await context.numberInventory.auditedNode(customer);
    if (!audited) return { value: refused(notFound('customer', 'run')) };
    const wrong = checkCustomer(audited.node, level);
    if (wrong.length > 0) return { value: refused(...wrong.map((each) => ({ ...each, field: 'run' }))) };
    if (await store.get(activeAudits, customer)) return { value: refused({ ...auditActive, field: 'run' }) };
    const { run, commit } = queueAudit({
      customer,
      path: dryRun.path,
      level,
      sites,
      dryRun: false,
      trigger: 'APPLY',
      applies: id,
      startedBy: identity.label,
      actor: keyActor(identity),
      time: nowOf(context),
      requestId,
    });
    const applied = save(auditRuns, { ...dryRun, appliedBy: run.id });
    return {
      value: done(stored(run)),
      commit: { ...commit, save: [applied, ...commit.save], ...known.record({ run: run.id }) },
    };
  });
  if (outcome.ok) context.bells.runQueued();
  return outcome;
}

function whyNotApplicable({ dryRun, state, appliedBy }: AuditRun): AuditRefusal | undefined {
  const refuse = (message: string): AuditRefusal => ({ code: 'NOT_APPLICABLE', message, field: 'run' });
  if (!dryRun) return refuse('The audit was no dry run; what it found is corrected.');
  if (state !== 'SUCCEEDED') return refuse('Only a dry run that has succeeded can be applied.');
  if (appliedBy !== undefined) return refuse('The findings of the dry run were applied already; start another one.');
  return undefined;
}
