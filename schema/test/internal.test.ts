import { expect, test } from 'vitest';
import { numberInventoryEndpoints } from '../src/internal.js';

const { read } = numberInventoryEndpoints.verifyKey;

test('an Authorization header is taken as it is, and one that is too long for a key is nobody’s', () => {
  expect(read({ authorization: 'Bearer key' })).toEqual(['Bearer key']);
  expect(read({})).toEqual([undefined]);
  expect(read({ authorization: `Bearer ${'x'.repeat(10_000)}` })).toEqual([undefined]);
  expect(() => read({ authorization: 7 })).toThrow('authorization must be a text');
});

test('the value of a macro is asked for by node and name, and nothing but a text or nothing is an answer', () => {
  const { read: readMacro, result } = numberInventoryEndpoints.effectiveMacro;
  expect(readMacro({ node: 'n', name: 'm' })).toEqual(['n', 'm']);
  expect(() => readMacro({ node: 'n' })).toThrow('name is missing');
  expect(() => readMacro({ node: 'x'.repeat(257), name: 'm' })).toThrow('at most 256');
  expect([result(''), result('7'), result(null)]).toEqual(['', '7', undefined]);
  expect(() => result(7)).toThrow('is no value of a macro');
});
