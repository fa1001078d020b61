import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SecretBox, SecretBoxError } from '../../src/crypto/secret-box.js';

const PLACE = 'Connection:1:password';

describe('SecretBox', () => {
  const key = randomBytes(32);
  const box = new SecretBox(key);

  it.each(['', 'p', 'pässwörd 🔑', 'x'.repeat(10_000)])('opens what it sealed', (secret) => {
    expect(box.open(box.seal(secret, PLACE), PLACE)).toBe(secret);
  });

  it('seals the same secret differently each time, so that equal passwords do not show', () => {
    expect(box.seal('same', PLACE)).not.toBe(box.seal('same', PLACE));
  });

  it('marks a secret alike at one place and with one key only, by what nobody can guess it from without the key', () => {
    const mark = box.mark('secret', PLACE);
    expect(box.mark('secret', PLACE)).toBe(mark);
    const others = [
      box.mark('Secret', PLACE),
      box.mark('secret', 'elsewhere'),
      new SecretBox(randomBytes(32)).mark('secret', PLACE),
    ];
    expect(new Set([mark, ...others]).size).toBe(4);
    expect(box.mark('b', 'a')).not.toBe(box.mark('', 'ab'));
    expect(() => box.open(mark, PLACE)).toThrow(SecretBoxError);
  });

  it('does not open with another key', () => {
    const other = new SecretBox(randomBytes(32));
    expect(() => other.open(box.seal('secret', PLACE), PLACE)).toThrow(SecretBoxError);
  });

  it('does not open at another place, so that a copied value is worth nothing', () => {
    expect(() => box.open(box.seal('secret', PLACE), 'Connection:2:password')).toThrow(SecretBoxError);
  });

  it('does not open when any one character was changed, added or taken away', () => {
    const sealed = box.seal('secret', PLACE);
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = sealed[index] === 'A' ? 'B' : 'A';
      for (const put of [changed, '', `${sealed[index]}!`]) {
        const tampered = sealed.slice(0, index) + put + sealed.slice(index + 1);
        expect(() => box.open(tampered, PLACE), tampered).toThrow(SecretBoxError);
      }
    }
  });

  it.each(['', 'v1', 'v1.', 'v1.AAAA', 'v2.AAAA', 'secret in clear'])(
    'does not open %j, which was never sealed',
    (text) => {
      expect(() => box.open(text, PLACE)).toThrow(SecretBoxError);
    },
  );

  it('says nothing of key or secret in its error, nor when it is printed', () => {
    let problem: unknown;
    try {
      box.open(box.seal('hunter2', PLACE).slice(0, -4), PLACE);
    } catch (error) {
      problem = error;
    }
    for (const text of [inspect(problem), inspect(box, { showHidden: true, depth: 5 })]) {
      expect(text).not.toContain('hunter2');
      expect(text).not.toContain(key.toString('base64').slice(0, 10));
    }
  });

  it.each([0, 16, 31, 33])('takes no key of %i bytes', (length) => {
    expect(() => new SecretBox(Buffer.alloc(length))).toThrow(/32 bytes/);
  });
});
