import type { Identity } from '@numberyard/kit/identity/identity';
import type { CommandContext } from './context.js';

/** An input as the record of its request may hash it: a password could be guessed from a hash of it, but not from its mark. */
export function hashable<I extends { readonly password?: string }>(
  { secretBox }: Pick<CommandContext, 'secretBox'>,
  identity: Identity,
  { password, ...rest }: I,
): object {
  return { ...rest, ...(password !== undefined && { password: secretBox.mark(password, `Request:${identity.id}`) }) };
}
