import { expect, test } from 'vitest';
import { parseNode, parseRegisteredUser } from '../../src/arm/record.js';
import { scriptedManager } from '../support/scripted-manager.js';
import { client, failureOf } from './routing-manager.js';

const USER = { id: 'r1', aor: 'sip:1@a', nodeId: '1', nodeName: 'SBC-1', state: 'ONLINE' };
const NODE = { id: '1', name: 'SBC-1', operationState: 'AVAILABLE', adminState: 'UNLOCKED' };

test.each([
  ['slashes', 'a/b/../c'],
  ['escapes', '%2e%2E%00'],
  ['other scripts', 'ärm-電話-☎️'],
  ['spaces', ' a b '],
  ['three dots', '...'],
])('an id with %s is an id', (_what, id) => {
  expect(parseRegisteredUser({ ...USER, id }, 'it').id).toBe(id);
});

test.each([
  ['that is missing', undefined],
  ['that is empty', ''],
  ['that is a number', 7],
  ['of 10 kB', 'x'.repeat(10_000)],
  ['that a path would swallow', '.'],
  ['that would lead a path up', '..'],
  ['that is half a character', 'a\ud800'],
  ['with a zero character', 'a\u0000b'],
])('an id %s is not of the form', (_what, id) => {
  expect(() => parseRegisteredUser({ ...USER, id }, 'it')).toThrow('it.id');
});

test('half a character in any other field is not of the form either', () => {
  expect(() => parseRegisteredUser({ ...USER, aor: 'sip:\udc00@a' }, 'it')).toThrow('it.aor');
  expect(() => parseNode({ ...NODE, name: '\ud83d' }, 'it')).toThrow('it.name');
});

/** A client of a routing manager that says what it is told to. */
async function saying(answer: (query: URLSearchParams) => unknown) {
  return client(await scriptedManager((_path, query) => answer(query)));
}

test('the answer about another user than the one asked for confirms nothing', async () => {
  const to = await saying(() => USER);
  expect(await to.user('r1')).toMatchObject({ id: 'r1' });
  expect(await failureOf(to.user('r2'))).toMatchObject({ code: 'UNEXPECTED_ANSWER' });
});

test.each([
  ['names fewer than there are', () => ({ items: [], total: 2 })],
  ['names one twice', (offset: number) => ({ items: offset === 0 ? [NODE, NODE] : [], total: 2 })],
  ['changes its total', (offset: number) => ({ items: [{ ...NODE, id: `${offset}` }], total: offset + 2 })],
])('a listing of nodes that %s is not believed', async (_what, list) => {
  const to = await saying((query) => {
    const offset = Number(query.get('offset'));
    return offset > 5 ? { items: [], total: offset, offset } : { ...list(offset), offset };
  });
  expect(await failureOf(to.nodes())).toMatchObject({ code: 'UNEXPECTED_ANSWER', transient: false });
});

test('a routing manager without nodes has none', async () => {
  const to = await saying(() => ({ items: [], total: 0, offset: 0 }));
  expect(await to.nodes()).toEqual([]);
});
