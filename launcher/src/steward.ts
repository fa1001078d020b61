import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Identity } from '@numberyard/kit/identity/identity';

/** The process as a caller of its own API: a key that is made at the start, lives in memory only and dies with the process. */
export interface Steward {
  readonly key: string;
  /** The steward's identity at the provider node, when the header carries its key. */
  identify(authorization: string | undefined, provider: string): Promise<Identity> | undefined;
}

export function createSteward(): Steward {
  const key = `ny_${randomBytes(32).toString('base64url')}`;
  const expected = digest(`Bearer ${key}`);
  return {
    key,
    identify(authorization, provider) {
      if (!timingSafeEqual(digest(authorization ?? ''), expected)) return undefined;
      return Promise.resolve({
        id: 'demo',
        label: 'demo',
        role: 'PROVIDER_ADMIN',
        rights: ['CONNECTIONS'],
        node: provider,
        path: provider,
      });
    },
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
