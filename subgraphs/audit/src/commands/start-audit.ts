import { decide } from '@numberyard/kit/commands/decide';
import { checkIdempotencyKey, keyReused, remember } from '@numberyard/kit/commands/remember';
import { done, refused, type Outcome } from '@numberyard/kit/graph/refusal';
import type { Identity } from '@numberyard/kit/identity/identity';
import type { AuditLevel, AuditRun } from '../domain/audit-run.js';
import { notFound, type AuditRefusal, type RefusalCode } from '../domain/refusals.js';
import { activeAudits } from '../models/audit-runs.js';
import { checkCustomer, checkSites } from './check-audit.js';
import { keyActor, nowOf, type CommandContext } from './context.js';
import { earlierRun } from './earlier-run.js';
import { queueAudit, stored } from './queue-audit.js';

export interface StartAuditInput {
  readonly customer: string;
  readonly level: AuditLevel;
  /** At level SITE: the sites to audit, 1 to 200; null or absent: all. */
  readonly sites?: readonly string[] | null;
  readonly dryRun: boolean;
  readonly idempotencyKey?: string | null;
}

export const auditActive: AuditRefusal = {
  code: 'AUDIT_ACTIVE',
  message: 'The customer has an audit that has not ended; wait for it or cancel it.',
};

/** Queue an audit of a customer, which has one at a time. */
export async function startAudit(
  context: CommandContext,
  identity: Identity,
  { idempotencyKey, ...input }: StartAuditInput,
): Promise<Outcome<AuditRun, RefusalCode>> {
  const { store, requestId } = context;
  const { customer: id, level, sites, dryRun } = input;
  const refusals = checkIdempotencyKey(idempotencyKey);
  if (refusals.length > 0) return refused(...refusals);
  const outcome = await decide<Outcome<AuditRun, RefusalCode>>(store, async () => {
    if (!(await context.hierarchy.visibleNode(id, identity)))
      return { value: refused(notFound('customer', 'customer')) };
    const known = await remember(store, identity, 'startAudit', idempotencyKey, { ...input, sites: sites ?? null });
    if (known.state === 'OTHER') return { value: refused(keyReused) };
    if (known.state === 'DONE') return { value: done(await earlierRun(store, known.result)) };
    const audited = await context.numberInventory.auditedNode(id);
    if (!audited) return { value: refused(notFound('customer', 'customer')) };
    const customer = audited.node;
    const wrong = checkCustomer(customer, level);
    if (customer.type === 'CUSTOMER') wrong.push(...(await checkSites(context, customer, { level, sites })));
    if (wrong.length > 0) return { value: refused(...wrong) };
    if (await store.get(activeAudits, id)) return { value: refused({ ...auditActive, field: 'customer' }) };
    const { run, commit } = queueAudit({
      customer: id,
      path: customer.path,
      level,
      sites: sites ?? undefined,
      dryRun,
      trigger: 'MANUAL',
      startedBy: identity.label,
      actor: keyActor(identity),
      time: nowOf(context),
      requestId,
    });
    return { value: done(stored(run)), commit: { ...commit, ...known.record({ run: run.id }) } };
  });
  if (outcome.ok) context.bells.runQueued();
  return outcome;
}
