import { describe, expect, test } from 'vitest';
import { diffPage, removal, type Pair } from '../../src/domain/diff.js';
import { mirrored, refOf, type ListedUser } from '../../src/domain/registered-user.js';

const NOW = '2026-01-01T00:00:00.000Z';
const rules = {
  connection: 'c',
  operations: ['ADD', 'UPDATE', 'REMOVE'],
  frozen: new Set<string>(),
  filter: [],
  now: NOW,
} as const;
const listed = (change: Partial<ListedUser> = {}): ListedUser => ({
  id: '7',
  aor: 'sip:+49301@host',
  number: '+49301',
  state: 'ONLINE',
  sbc: '1',
  sbcName: 'SBC-1',
  ...change,
});
const pair = (now: ListedUser, before?: ListedUser): Pair => ({
  listed: now,
  ref: 'c.7',
  old: before && mirrored(before, 'c.7', 'c', 3, NOW),
});
const changeOf = (now: ListedUser, before?: ListedUser) => diffPage([pair(now, before)], rules).steps[0]?.change;

describe('the number in use', () => {
  test.each([
    ['comes with a new user', listed(), undefined, { before: null, after: '+49301' }],
    ['goes when the user is offline', listed({ state: 'OFFLINE' }), listed(), { before: '+49301', after: null }],
    ['comes back with the user', listed(), listed({ state: 'OFFLINE' }), { before: null, after: '+49301' }],
    [
      'changes with the address of record',
      listed({ aor: 'sip:+49302@host', number: '+49302' }),
      listed(),
      { before: '+49301', after: '+49302' },
    ],
  ])('%s', (_what, now, before, expected) => {
    expect(changeOf(now, before)).toEqual({ ref: 'c.7', ...expected });
  });

  test.each([
    ['a new user that is offline', listed({ state: 'OFFLINE' }), undefined],
    ['a user that moves to another SBC', listed({ sbc: '2', sbcName: 'SBC-2' }), listed()],
    [
      'an offline user whose number changes',
      listed({ state: 'OFFLINE', number: '+49302' }),
      listed({ state: 'OFFLINE' }),
    ],
  ])('is not told of for %s, which is mirrored', (_what, now, before) => {
    const { steps } = diffPage([pair(now, before)], rules);
    expect(steps).toHaveLength(1);
    expect(steps[0]?.change).toBeUndefined();
  });

  test('goes when the user is removed, unless it was away already', () => {
    expect(removal(mirrored(listed(), 'c.7', 'c', 3, NOW)).change).toEqual({
      ref: 'c.7',
      before: '+49301',
      after: null,
    });
    expect(removal(mirrored(listed({ state: 'OFFLINE' }), 'c.7', 'c', 3, NOW)).change).toBeUndefined();
  });
});

test('an unchanged user is counted and not written', () => {
  expect(diffPage([pair(listed(), listed())], rules)).toEqual({ steps: [], unchanged: 1, issues: [] });
});

test('a user that is saved carries the version it was read at', () => {
  expect(diffPage([pair(listed({ state: 'OFFLINE' }), listed())], rules).steps[0]?.user.version).toBe(3);
  expect(diffPage([pair(listed())], rules).steps[0]?.user.version).toBe(0);
});

test('ids of a Routing Manager become ids of ours, whatever they look like, and stay apart', () => {
  const ids = ['7', 'a_b-c', 'a/b', 'a.b', 'ü', 'x'.repeat(65), '~7'];
  const refs = ids.map((id) => refOf('c', id));
  expect(refs.slice(0, 2)).toEqual(['c.7', 'c.a_b-c']);
  expect(new Set(refs).size).toBe(ids.length);
  for (const ref of refs) expect(ref).toMatch(/^c\.~?[A-Za-z0-9_-]{1,64}$/);
});
