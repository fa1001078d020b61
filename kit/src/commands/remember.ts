/** Mutations that may come with an idempotency key: "The same key with the same input gives the same answer for seven days." */
import type { Refusal } from '../graph/refusal.js';
import type { Identity } from '../identity/identity.js';
import type { Commit, Store } from '../storage/port.js';
import { recall, type Recall } from './decide.js';

export type Remembered =
  Exclude<Recall, { state: 'NEW' }> | { readonly state: 'NEW'; record(result: unknown): Pick<Commit, 'request'> };

/** What is known of a mutation; without a key it is always new and leaves no record. */
export async function remember(
  store: Store,
  identity: Identity,
  mutation: string,
  key: string | null | undefined,
  input: unknown,
): Promise<Remembered> {
  if (!key) return { state: 'NEW', record: () => ({}) };
  const known = await recall(store, { caller: identity.id, mutation, key, input });
  return known.state === 'NEW' ? { state: 'NEW', record: (result) => ({ request: known.record(result) }) } : known;
}

const LONGEST_KEY = 200;

/** An idempotency key is kept with the request for days, so it has a length. */
export function checkIdempotencyKey(key: string | null | undefined): Refusal<'OUT_OF_RANGE'>[] {
  if (key == null || (key.length >= 1 && key.length <= LONGEST_KEY)) return [];
  const message = `An idempotency key has 1 to ${LONGEST_KEY} characters.`;
  return [{ code: 'OUT_OF_RANGE', message, field: 'idempotencyKey' }];
}

export const keyReused: Refusal<'IDEMPOTENCY_KEY_REUSED'> = {
  code: 'IDEMPOTENCY_KEY_REUSED',
  message: 'This idempotency key was used before with another input.',
  field: 'idempotencyKey',
};
