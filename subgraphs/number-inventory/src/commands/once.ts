/** Mutations that hand something out: once for an idempotency key, however often they are asked. */
import { decide, recall } from '@numberyard/kit/commands/decide';
import { done, refused } from '@numberyard/kit/graph/refusal';
import type { Commit } from '@numberyard/kit/storage/port';
import { notFound, reason, textProblem, type Reason, type Result } from '../domain/refusals.js';
import type { NumberDoc } from '../models/number.js';
import type { Caller, Deps } from './context.js';
import { visibleNumber } from './visible.js';

const LONGEST_KEY = 200;

export function idempotencyKeyProblem(key: string): Reason[] {
  return textProblem(key, 'idempotencyKey', LONGEST_KEY);
}

/** What one try came to: a refusal, or the number it is about and what to commit. */
export type Try = { readonly refusal: Reason } | { readonly id: string; readonly commit: Commit };

/**
 * Run a mutation of one number under its idempotency key. A repetition answers the number the first one was about, as it is now; a refusal is not
 * remembered, since it changed nothing.
 */
export async function once(
  deps: Deps,
  caller: Caller,
  request: { readonly mutation: string; readonly input: { readonly idempotencyKey: string } },
  attempt: () => Promise<Try>,
): Promise<Result<NumberDoc>> {
  const { idempotencyKey: key, ...input } = request.input;
  const asked = { caller: caller.identity.id, mutation: request.mutation, key, input };
  const outcome = await decide<{ id: string } | { refusal: Reason }>(deps.store, async () => {
    const known = await recall(deps.store, asked);
    if (known.state === 'OTHER') return { value: { refusal: keyReused() } };
    if (known.state === 'DONE') return { value: { id: known.result as string } };
    const tried = await attempt();
    if ('refusal' in tried) return { value: tried };
    return { value: { id: tried.id }, commit: { ...tried.commit, request: known.record(tried.id) } };
  });
  if ('refusal' in outcome) return refused(outcome.refusal);
  const number = await visibleNumber(deps.store, caller.identity, outcome.id);
  return number ? done(number) : refused(notFound('number', 'id'));
}

function keyReused(): Reason {
  return reason('IDEMPOTENCY_KEY_REUSED', 'This idempotency key was used with another input.', 'idempotencyKey');
}
