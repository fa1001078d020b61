/** Secrets at rest: AES-256-GCM. What is sealed is bound to its place by associated data, so that a copied value does not open elsewhere. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

const VERSION = 'v1';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Thrown when a sealed value does not open: another key, another place, or damage. */
export class SecretBoxError extends Error {
  constructor() {
    super('A stored secret does not open with the encryption key in use. Was NUMBERYARD_ENCRYPTION_KEY changed?');
    this.name = 'SecretBoxError';
  }
}

export class SecretBox {
  readonly #key: Buffer;
  #markKey: Buffer | undefined;

  /** @param key 32 bytes */
  constructor(key: Buffer) {
    if (key.length !== 32) throw new Error('an encryption key has 32 bytes');
    this.#key = key;
  }

  /** @param place what the secret belongs to, e.g. `<kind>:<id>:password` */
  seal(secret: string, place: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(place));
    const sealed = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${VERSION}.${sealed.toString('base64url')}`;
  }

  /**
   * Tells whether two secrets are the same, and nothing else: whoever has the mark and not the key can try no secret against it.
   * @param place marks of two places do not compare
   */
  mark(secret: string, place: string): string {
    this.#markKey ??= Buffer.from(hkdfSync('sha256', this.#key, '', 'marks of secrets', 32));
    return createHmac('sha256', this.#markKey)
      .update(JSON.stringify([place, secret]))
      .digest('base64url');
  }

  /** @throws SecretBoxError */
  open(sealed: string, place: string): string {
    const text = sealed.startsWith(`${VERSION}.`) ? sealed.slice(VERSION.length + 1) : '';
    const bytes = Buffer.from(text, 'base64url');
    // Decoding passes over what is no base64, so damage there is seen only by encoding again.
    const damaged = bytes.length < NONCE_BYTES + TAG_BYTES || bytes.toString('base64url') !== text;
    if (damaged) throw new SecretBoxError();
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, NONCE_BYTES))
        .setAAD(Buffer.from(place))
        .setAuthTag(bytes.subarray(-TAG_BYTES));
      return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)).toString('utf8') + decipher.final('utf8');
    } catch {
      throw new SecretBoxError();
    }
  }
}
