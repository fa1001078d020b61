import { describe, expect, it } from 'vitest';
import { newId, requestHash } from '../../src/crypto/id.js';

describe('requestHash', () => {
  it('is the same whatever the order of fields, at any depth', () => {
    expect(requestHash({ a: 1, b: { c: [1, { d: 2, e: 3 }], f: null } })).toBe(
      requestHash({ b: { f: null, c: [1, { e: 3, d: 2 }] }, a: 1 }),
    );
  });

  it('takes a field that is not given and one that is undefined for the same', () => {
    expect(requestHash({ a: 1, b: undefined })).toBe(requestHash({ a: 1 }));
  });

  it.each([
    [{ a: 1 }, { a: '1' }],
    [{ a: null }, {}],
    [
      [1, 2],
      [2, 1],
    ],
    [{ a: { b: 1 } }, { 'a.b': 1 }],
    [{ a: 'x","b":"y' }, { a: 'x', b: 'y' }],
    [[], {}],
    [new Date(1), new Date(2)],
  ])('tells %j from %j', (one, other) => {
    expect(requestHash(one)).not.toBe(requestHash(other));
  });

  it('takes input without a prototype, as GraphQL arguments are', () => {
    const bare = Object.assign(Object.create(null) as object, { a: 1 });
    expect(requestHash(bare)).toBe(requestHash({ a: 1 }));
  });
});

describe('newId', () => {
  it('gives ids that fit paths and do not repeat', () => {
    const ids = Array.from({ length: 10_000 }, newId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => /^[0-9a-z]{16}$/.test(id))).toBe(true);
  });
});
