import { expect, test } from 'vitest';
import { numberInventoryEndpoints } from '../src/internal.js';

const { read } = numberInventoryEndpoints.verifyKey;

test('an Authorization header is taken as it is, and one that is too long for a key is nobody’s', () => {
  expect(read({ authorization: 'Bearer key' })).toEqual(['Bearer key']);
  expect(read({})).toEqual([undefined]);
  expect(read({ authorization: `Bearer ${'x'.repeat(10_000)}` })).toEqual([undefined]);
  expect(() => read({ authorization: 7 })).toThrow('authorization must be a text');
});
