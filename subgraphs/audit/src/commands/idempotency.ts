import { recall, type Recall } from '@numberyard/kit/commands/decide';
import type { Identity } from '@numberyard/kit/identity/identity';
import type { Commit, Store } from '@numberyard/kit/storage/port';
import type { AuditRun } from '../domain/audit-run.js';
import type { AuditRefusal } from '../domain/refusals.js';
import { auditRuns } from '../models/audit-runs.js';

const LONGEST_KEY = 200;

/** An idempotency key is kept with the request for days, so it has a length. */
export function checkIdempotencyKey(key: string | null | undefined): AuditRefusal[] {
  if (key == null || (key.length >= 1 && key.length <= LONGEST_KEY)) return [];
  const message = `An idempotency key has 1 to ${LONGEST_KEY} characters.`;
  return [{ code: 'OUT_OF_RANGE', message, field: 'idempotencyKey' }];
}

const keyReused: AuditRefusal = {
  code: 'IDEMPOTENCY_KEY_REUSED',
  message: 'This idempotency key was used before with another input.',
  field: 'idempotencyKey',
};

/** What is known of a mutation that starts a run: the run that it started, or what keeps it from starting one, or nothing. */
export type Remembered =
  | { readonly state: 'NEW'; record(run: AuditRun): Pick<Commit, 'request'> }
  | { readonly state: 'DONE'; readonly run: AuditRun }
  | { readonly state: 'REFUSED'; readonly refusal: AuditRefusal };

/** Without a key a mutation is always new and leaves no record. */
export async function remember(
  store: Store,
  identity: Identity,
  mutation: string,
  key: string | null | undefined,
  input: unknown,
): Promise<Remembered> {
  if (!key) return { state: 'NEW', record: () => ({}) };
  const known: Recall = await recall(store, { caller: identity.id, mutation, key, input });
  if (known.state === 'NEW') return { state: 'NEW', record: ({ id }) => ({ request: known.record({ run: id }) }) };
  if (known.state === 'OTHER') return { state: 'REFUSED', refusal: keyReused };
  const run = await store.get(auditRuns, (known.result as { readonly run: string }).run);
  // Runs are never deleted.
  if (!run) throw new Error(`the run of an earlier ${mutation} is gone`);
  return { state: 'DONE', run };
}
