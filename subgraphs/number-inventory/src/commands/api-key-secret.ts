/** The secret part of an API key: made once, shown once, kept as a hash. */
import { createHash, randomBytes } from 'node:crypto';

export function newApiKey(): string {
  return `ny_${randomBytes(32).toString('base64url')}`;
}

export function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}
