/** Who holds a key, remembered for a few seconds so that a busy caller costs one look-up, not one per request. */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Identity } from '@numberyard/kit/identity/identity';

type Authenticate = (authorization: string | undefined) => Promise<Identity | undefined>;

export class KeyVerifier {
  readonly #authenticate: Authenticate;
  readonly #known: LRUCache<string, Identity>;
  readonly #underWay = new Map<string, Promise<Identity | undefined>>();

  /** @param age milliseconds a verified key is believed; what is refused is never remembered */
  constructor(authenticate: Authenticate, age: number) {
    this.#authenticate = authenticate;
    this.#known = new LRUCache({ max: 10_000, ttl: age });
  }

  /** @returns undefined for a caller without a valid key */
  async identify(authorization: string | undefined): Promise<Identity | undefined> {
    const known = authorization && this.#known.get(digestOf(authorization));
    return known || this.verify(authorization);
  }

  /** The same past the memory. Verifications of one key at the same time are one. */
  async verify(authorization: string | undefined): Promise<Identity | undefined> {
    if (!authorization) return this.#authenticate(undefined);
    const digest = digestOf(authorization);
    const underWay = this.#underWay.get(digest);
    if (underWay) return underWay;
    const verification = this.#authenticate(authorization).then((identity) => {
      if (identity) this.#known.set(digest, identity);
      else this.#known.delete(digest);
      return identity;
    });
    this.#underWay.set(digest, verification);
    try {
      return await verification;
    } finally {
      this.#underWay.delete(digest);
    }
  }
}

/** Keys are not kept in clear where a heap dump would show thousands of them. */
export function digestOf(authorization: string): string {
  return createHash('sha256').update(authorization).digest('base64');
}
