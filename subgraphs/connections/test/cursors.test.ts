import { encodePosition } from '@numberyard/kit/graph/page';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestSubgraph } from './support/subgraph.js';

const ID = 'query($id: ID!, $after: String)';
const PAGE = '(first: 1, after: $after) { edges { node { id } cursor } pageInfo { hasNextPage endCursor } }';
const LISTS: Readonly<Record<string, string>> = {
  connections: `query($after: String) { audioCodesConnections${PAGE} }`,
  runs: `query($after: String) { syncRuns${PAGE} }`,
  'failed runs': `query($after: String) { syncRuns(state: FAILED, ${PAGE.slice(1)} }`,
  'runs of a connection': `${ID} { syncRuns(connection: $id, ${PAGE.slice(1)} }`,
  'registered users': `${ID} { audioCodesConnection(id: $id) { registeredUsers${PAGE} } }`,
  issues: `${ID} { audioCodesConnection(id: $id) { lastSyncRun { issues${PAGE} } } }`,
};

let subgraph: TestSubgraph;
let id: string;

beforeAll(async () => {
  subgraph = await TestSubgraph.open();
  const simulator = await subgraph.simulator();
  for (const user of ['lobby', 'gate', '+4930120']) simulator.control.register(user);
  id = (await subgraph.connect(simulator)).id;
  await subgraph.connect(simulator, { name: 'second' });
  await subgraph.sync(id, 'purge');
  await subgraph.sync(id);
});
afterAll(() => subgraph.close());

const ask = (list: string, after: string | null) => subgraph.run(LISTS[list] ?? '', { id, after });

async function cursorsOf(list: string): Promise<string[]> {
  const { data } = await ask(list, null);
  return [...JSON.stringify(data).matchAll(/"cursor":"([^"]+)"/g)].map(([, cursor]) => cursor ?? '');
}

describe.each(Object.keys(LISTS))('the list of %s', (list) => {
  test.each([
    '',
    'no cursor',
    '🤷',
    encodePosition([]),
    encodePosition(['x']),
    encodePosition([1, 2]),
    encodePosition([1, 2, 3]),
    encodePosition(['x', 'y', 'z', 'a']),
    Buffer.from('[null,null,null]').toString('base64url'),
    Buffer.from('{"0":"a"}').toString('base64url'),
  ])('tells %j from a cursor of its own', async (after) => {
    const { errors } = await ask(list, after);
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
  });

  test('takes no cursor of any other list, and does not fail over it', async () => {
    const others = Object.keys(LISTS).filter((other) => other !== list);
    for (const other of others) {
      for (const cursor of await cursorsOf(other)) {
        const { errors } = await ask(list, cursor);
        expect(errors?.map(({ extensions }) => extensions.code) ?? ['BAD_USER_INPUT']).toEqual(['BAD_USER_INPUT']);
      }
    }
  });
});

test.each(['connections', 'runs', 'registered users', 'issues'])(
  'the list of %s goes on at its cursor',
  async (list) => {
    const [first = ''] = await cursorsOf(list);
    const { data, errors } = await ask(list, first);
    expect(errors).toBeUndefined();
    expect(JSON.stringify(data)).toContain('"cursor"');
  },
);

test.each([
  ['prov', 5, 'x'],
  ['prov', 'x', 5],
  ['prov', '', ''],
])('a position made up as %j is no fault', async (...position) => {
  const { errors } = await ask('connections', encodePosition(position));
  expect(errors?.map(({ extensions }) => extensions.code) ?? ['BAD_USER_INPUT']).toEqual(['BAD_USER_INPUT']);
});
