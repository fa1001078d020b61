import { createHash, randomBytes } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * A new id: 16 characters of base 32 (80 random bits), no dots, so that ids can be joined to paths. It tells nothing about order or number of entities.
 */
export function newId(): string {
  return Array.from(randomBytes(16), (byte) => ALPHABET[byte & 31]).join('');
}

/** Hash of a request's input, equal for equal inputs whatever the order of their fields; for {@link RequestRecord.hash}. */
export function requestHash(input: unknown): string {
  return createHash('sha256').update(canonicalJson(input)).digest('base64url');
}
