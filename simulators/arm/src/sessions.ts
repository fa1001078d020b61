/** Who may call: the operator's name and password on every call, or a token that was given for them and ends. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { LoginAnswer } from './wire.js';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export class Sessions {
  readonly #credentials: Credentials;
  readonly #seconds: number;
  readonly #now: () => number;
  readonly #expiryOf = new Map<string, number>();

  constructor(credentials: Credentials, seconds: number, now: () => number) {
    this.#credentials = credentials;
    this.#seconds = seconds;
    this.#now = now;
  }

  /** undefined when name or password is wrong. */
  login(given: Credentials): LoginAnswer | undefined {
    if (!this.#areRight(given)) return undefined;
    const now = this.#now();
    for (const [token, expiry] of this.#expiryOf) if (expiry <= now) this.#expiryOf.delete(token);
    const token = randomBytes(24).toString('base64url');
    this.#expiryOf.set(token, now + this.#seconds * 1000);
    return { token, expiresIn: this.#seconds };
  }

  /** Whether an `Authorization` header opens the door. */
  admits(authorization: string | undefined): boolean {
    const [scheme, value = ''] = (authorization ?? '').split(' ', 2);
    switch (scheme?.toLowerCase()) {
      case 'basic': {
        const text = Buffer.from(value, 'base64').toString('utf8');
        const colon = text.indexOf(':');
        return colon >= 0 && this.#areRight({ username: text.slice(0, colon), password: text.slice(colon + 1) });
      }
      case 'bearer':
        return (this.#expiryOf.get(value) ?? 0) > this.#now();
      default:
        return false;
    }
  }

  /** Ends every session; the next call with a token is refused. */
  expireAll(): void {
    this.#expiryOf.clear();
  }

  #areRight(given: Credentials): boolean {
    return sameText(given.username, this.#credentials.username) && sameText(given.password, this.#credentials.password);
  }
}

function sameText(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
