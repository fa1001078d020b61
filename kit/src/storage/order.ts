/** The order of key values on every engine: numbers before strings, numbers by value, strings by their UTF-8 bytes. */
import type { KeyValue } from './port.js';

/** Negative, zero or positive as `a` stands before, at or after `b`. */
export function compareValues(a: KeyValue, b: KeyValue): number {
  if (typeof a === 'number') return typeof b === 'number' ? a - b : -1;
  if (typeof b === 'number') return 1;
  if (a === b) return 0;
  // JavaScript compares UTF-16 units, which puts characters above U+FFFF before U+E000; bytes do not.
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The least string that stands after every string with this prefix; undefined when there is none. */
export function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last < 0x10ffff) return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
  }
  return undefined;
}
