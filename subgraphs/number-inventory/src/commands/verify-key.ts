/** Who an `Authorization` header belongs to. */
import type { Identity } from '@numberyard/kit/identity/identity';
import { apiKeys } from '../models/api-key.js';
import { hashOf } from './api-key-secret.js';
import { nowOf, type Deps } from './context.js';

/**
 * Nobody when the key is unknown, expired or revoked. Whatever is presented is hashed and looked up once, so that the time taken tells nothing; and
 * what the look-up compares is a hash, which nobody can approach step by step.
 */
export async function verifyKey(
  deps: Pick<Deps, 'store' | 'clock'>,
  authorization: string | undefined,
): Promise<Identity | undefined> {
  const key = /^Bearer +(\S{1,512})$/i.exec(authorization ?? '')?.[1] ?? '';
  const found = await deps.store.getByKey(apiKeys, 'byHash', [hashOf(key)]);
  if (!found || found.revokedAt !== undefined) return undefined;
  if (found.expiresAt !== undefined && found.expiresAt <= nowOf(deps)) return undefined;
  const { id, label, role, rights, node, path } = found;
  return { id, label, role, rights, node, path };
}
