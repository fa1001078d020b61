/** Ends what a key holds open once the key no longer counts: each distinct key is verified again and again, once for all its sockets. */
import { scopeOf } from '@numberyard/kit/identity/identity';
import type { Identity } from '@numberyard/kit/identity/identity';
import type { Logger } from '../logger.js';
import { digestOf } from './key-verifier.js';
import type { KeyVerifier } from './key-verifier.js';

export interface KeyHolder {
  /** The key was revoked, expired, or its rights changed. */
  keyEnded(reason: string): void;
  /** Keys could not be verified for too long to go on trusting this one. */
  keyUnverifiable(): void;
}

interface WatchedKey {
  readonly authorization: string;
  readonly scope: string;
  readonly holders: Set<KeyHolder>;
  failures: number;
}

/** Rounds in a row that may fail to verify a key before its holders are let go. */
const toleratedFailures = 5;
const parallel = 16;

export class KeyWatch {
  readonly #verifier: KeyVerifier;
  readonly #logger: Logger;
  readonly #interval: number;
  readonly #keys = new Map<string, WatchedKey>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** @param interval milliseconds between two verifications of a key */
  constructor(verifier: KeyVerifier, interval: number, logger: Logger) {
    this.#verifier = verifier;
    this.#interval = interval;
    this.#logger = logger;
    this.#schedule();
  }

  /** @returns the function that takes the holder off */
  add(authorization: string, identity: Identity, holder: KeyHolder): () => void {
    const scope = scopeOf(identity);
    // Holders whose key's rights changed between their arrivals must not share an entry: the older ones have to go.
    const id = `${digestOf(authorization)} ${scope}`;
    const key = this.#keys.get(id) ?? { authorization, scope, holders: new Set<KeyHolder>(), failures: 0 };
    key.holders.add(holder);
    this.#keys.set(id, key);
    return () => {
      key.holders.delete(holder);
      if (key.holders.size === 0 && this.#keys.get(id) === key) this.#keys.delete(id);
    };
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#round().finally(() => this.#schedule()), this.#interval);
    this.#timer.unref();
  }

  async #round(): Promise<void> {
    const waiting = [...this.#keys.values()];
    const work = async (): Promise<void> => {
      for (let key = waiting.pop(); key; key = waiting.pop()) await this.#check(key);
    };
    await Promise.all(Array.from({ length: parallel }, work));
  }

  async #check(key: WatchedKey): Promise<void> {
    try {
      const identity = await this.#verifier.verify(key.authorization);
      key.failures = 0;
      if (identity && scopeOf(identity) === key.scope) return;
      const reason = identity ? 'The rights of the key changed.' : 'The key is revoked or expired.';
      for (const holder of [...key.holders]) holder.keyEnded(reason);
    } catch (error) {
      key.failures += 1;
      this.#logger.warn({ err: error, failures: key.failures }, 'a key in use could not be verified');
      if (key.failures >= toleratedFailures) for (const holder of [...key.holders]) holder.keyUnverifiable();
    }
  }
}
