import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Identity } from '@numberyard/kit/identity/identity';

/** The process as a caller of its own API: a key that is made at the start, lives in memory only and dies with the process. */
export interface Steward {
  readonly key: string;
  /** Who the steward is from now on: an administrator at the provider node. */
  settle(provider: string): void;
  /** The steward's identity, when the header carries its key and it has been settled. */
  identify(authorization: string | undefined): Promise<Identity> | undefined;
}

export function createSteward(): Steward {
  const key = `ny_${randomBytes(32).toString('base64url')}`;
  const expected = digest(`Bearer ${key}`);
  let identity: Identity | undefined;
  return {
    key,
    settle(provider) {
      identity = {
        id: 'demo',
        label: 'demo',
        role: 'PROVIDER_ADMIN',
        rights: ['CONNECTIONS'],
        node: provider,
        path: provider,
      };
    },
    identify(authorization) {
      const known = timingSafeEqual(digest(authorization ?? ''), expected);
      return known && identity ? Promise.resolve(identity) : undefined;
    },
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
