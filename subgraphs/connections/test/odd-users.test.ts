import { afterEach, beforeEach, expect, test } from 'vitest';
import { scriptedManager } from './support/scripted-manager.js';
import { TestSubgraph } from './support/subgraph.js';
import { mirrorOf, usesTold } from './support/users.js';

interface User {
  readonly id: string;
  readonly aor: string;
  readonly state?: 'ONLINE' | 'OFFLINE';
}

let subgraph: TestSubgraph;
let users: User[];
/** Ids the listing leaves out; they answer when asked for. */
let hidden: Set<string>;
/** Who answers whatever is asked for. */
let impostor: User | undefined;
let asked: string[];
let connection: string;

beforeEach(async () => {
  subgraph = await TestSubgraph.open();
});
afterEach(() => subgraph.close());

const record = ({ id, aor, state = 'ONLINE' }: User) => ({ id, aor, state, nodeId: '1', nodeName: 'SBC' });
const NODE = { id: '1', name: 'SBC', operationState: 'AVAILABLE', adminState: 'UNLOCKED' };

async function begin(first: readonly User[]): Promise<void> {
  users = [...first];
  hidden = new Set();
  impostor = undefined;
  asked = [];
  const manager = await scriptedManager((path, query) => {
    const page = (all: readonly unknown[]) => {
      const [offset, limit] = [Number(query.get('offset')), Number(query.get('limit'))];
      return { items: all.slice(offset, offset + limit), total: all.length, offset };
    };
    if (path === '/nodes') return page([NODE]);
    if (path === '/registeredUsers') return page(users.filter(({ id }) => !hidden.has(id)).map(record));
    const id = path.replace('/registeredUsers/', '');
    asked.push(id);
    const user = impostor ?? users.find((each) => each.id === decodeURIComponent(id));
    return user && record(user);
  });
  connection = (await subgraph.connect(manager)).id;
  expect(await subgraph.sync(connection)).toMatchObject({ error: null, progress: { added: first.length } });
}

const ODD = [
  'a/b',
  '../up',
  '%2e%2e',
  '%',
  'x?y=1#z',
  ' ',
  'ärm ☎️',
  '電話',
  '~tilde',
  'A',
  'a',
  '..hidden',
  'x'.repeat(128),
];

test('users are told apart and asked for by ids of any characters', async () => {
  await begin(ODD.map((id, index) => ({ id, aor: `sip:+49${index}@acme` })));
  expect((await mirrorOf(subgraph.store, connection)).map(({ armId }) => armId).toSorted()).toEqual(ODD.toSorted());
  for (const id of ODD.slice(0, 5)) hidden.add(id);
  expect(await subgraph.sync(connection)).toMatchObject({ state: 'SUCCEEDED_WITH_ISSUES', progress: { removed: 0 } });
  expect(asked.toSorted()).toEqual(ODD.slice(0, 5).map(encodeURIComponent).toSorted());
  users = users.slice(5);
  expect(await subgraph.sync(connection)).toMatchObject({ state: 'SUCCEEDED', progress: { removed: 5 } });
  expect((await usesTold(subgraph.store)).size).toBe(ODD.length - 5);
  expect(await subgraph.store.verify()).toEqual([]);
});

test('addresses of record that stand for one number are so many uses of it', async () => {
  const aors = [
    'sip:+4930@a',
    'sips:+4930@b:5061',
    'sip:%2B4930@a',
    'tel:+49-30',
    '<sip:+4930@a;x=y>',
    'sip:+4930:secret@a',
  ];
  await begin(aors.map((aor, index) => ({ id: `r${index}`, aor })));
  expect([...(await usesTold(subgraph.store)).values()]).toEqual(aors.map(() => '+4930'));
  users = users.slice(0, 1);
  await subgraph.sync(connection);
  expect([...(await usesTold(subgraph.store)).values()]).toEqual(['+4930']);
});

test('a user whose number changes gives the old one up and takes the new one at once', async () => {
  await begin([
    { id: 'r1', aor: 'sip:100@a' },
    { id: 'r2', aor: 'sip:200@a' },
  ]);
  users = [
    { id: 'r1', aor: 'sip:200@a' },
    { id: 'r2', aor: 'sip:100@a' },
  ];
  expect(await subgraph.sync(connection)).toMatchObject({ progress: { added: 0, updated: 2, removed: 0 } });
  const uses = await usesTold(subgraph.store);
  expect([uses.get(`${connection}.r1`), uses.get(`${connection}.r2`)]).toEqual(['200', '100']);
});

test('a user whose number is no number any more gives it up', async () => {
  await begin([{ id: 'r1', aor: 'sip:100@a' }]);
  users = [{ id: 'r1', aor: 'sip:lobby@a' }];
  expect(await subgraph.sync(connection)).toMatchObject({ state: 'SUCCEEDED_WITH_ISSUES', progress: { updated: 1 } });
  expect((await usesTold(subgraph.store)).size).toBe(0);
});

test('all users offline at once are an ordinary change, and back online another', async () => {
  const all = Array.from({ length: 1_200 }, (_, index) => ({ id: `r${index}`, aor: `sip:${1_000 + index}@a` }));
  await begin(all);
  users = all.map((user) => ({ ...user, state: 'OFFLINE' }));
  expect(await subgraph.sync(connection)).toMatchObject({
    state: 'SUCCEEDED',
    progress: { updated: 1_200, removed: 0 },
  });
  expect((await usesTold(subgraph.store)).size).toBe(0);
  users = all;
  expect(await subgraph.sync(connection)).toMatchObject({ state: 'SUCCEEDED', effect: { numbersUsed: 1_200 } });
});

test('nobody is removed when the question about a missing user fails', async () => {
  await begin(ODD.map((id, index) => ({ id, aor: `sip:+49${index}@acme` })));
  users = users.filter(({ id }) => id !== 'A');
  impostor = { id: 'b', aor: 'sip:1@a' };
  const run = await subgraph.sync(connection);
  expect(run).toMatchObject({ state: 'FAILED', error: { code: 'UNEXPECTED_ANSWER' }, progress: { removed: 0 } });
});
