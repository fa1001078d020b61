/** Telling encryption keys apart without showing them. */
import { createHmac } from 'node:crypto';

/** Sixteen hexadecimal digits that are the same for the same key and say nothing else about it. */
export function keyFingerprint(key: Buffer): string {
  return createHmac('sha256', key).update('numberyard encryption key').digest('hex').slice(0, 16);
}
