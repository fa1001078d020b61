import { describe, expect, it } from 'vitest';
import { isWithin, scopeOf, type Identity } from '../../src/identity/identity.js';

const identity: Identity = { id: 'k1', label: 'one', role: 'OPERATOR', rights: ['A', 'B'], node: 'b', path: 'a.b' };

describe('isWithin', () => {
  it.each([
    ['a.b', true],
    ['a.b.c', true],
    ['a', false],
    ['a.bc', false],
    ['a.c', false],
    ['x.a.b', false],
  ])('says whether %s lies at or below a.b', (path, within) => {
    expect(isWithin(path, 'a.b')).toBe(within);
  });
});

describe('scopeOf', () => {
  it('is the same for keys that may do the same, whatever they are called and in which order their rights are named', () => {
    expect(scopeOf({ ...identity, id: 'k2', label: 'two', rights: ['B', 'A'] })).toBe(scopeOf(identity));
  });

  it.each([{ role: 'PARTNER' }, { rights: ['A'] }, { path: 'a.c' }])('differs for %o', (other) => {
    expect(scopeOf({ ...identity, ...other })).not.toBe(scopeOf(identity));
  });
});
