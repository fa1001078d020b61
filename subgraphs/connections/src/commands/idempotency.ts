import { recall, type Recall } from '@numberyard/kit/commands/decide';
import type { Identity } from '@numberyard/kit/identity/identity';
import type { Commit, Store } from '@numberyard/kit/storage/port';
import type { CommandContext } from './context.js';

export type Remembered =
  Exclude<Recall, { state: 'NEW' }> | { readonly state: 'NEW'; record(result: unknown): Pick<Commit, 'request'> };

/** An input as the record of its request may hash it: a password could be guessed from a hash of it, but not from its mark. */
export function hashable<I extends { readonly password?: string }>(
  { secretBox }: Pick<CommandContext, 'secretBox'>,
  identity: Identity,
  { password, ...rest }: I,
): object {
  return { ...rest, ...(password !== undefined && { password: secretBox.mark(password, `Request:${identity.id}`) }) };
}

/** What is known of a mutation that came with an idempotency key; without one it is always new and leaves no record. */
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
