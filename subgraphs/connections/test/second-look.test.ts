/** What is said once is looked at again before a number loses its device: nodes locked while a listing is read, a second listing that is empty. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { scriptedManager } from './support/scripted-manager.js';
import { TestSubgraph } from './support/subgraph.js';
import { usesTold } from './support/users.js';

interface User {
  readonly id: string;
  readonly state?: 'ONLINE' | 'OFFLINE';
  readonly node?: string;
}

let subgraph: TestSubgraph;
let connection: string;
/** Who is listed; a first page that was asked for is counted. */
let listed: (listing: number) => readonly User[];
let locked: Set<string>;
let listings: number;

beforeEach(async () => {
  subgraph = await TestSubgraph.open();
});
afterEach(() => subgraph.close());

const record = ({ id, state = 'ONLINE', node = '1' }: User) => ({
  id,
  aor: `sip:+4930${id.padStart(6, '0')}@acme`,
  state,
  nodeId: node,
  nodeName: `SBC-${node}`,
});

async function begin(users: readonly User[]): Promise<void> {
  listed = () => users;
  locked = new Set();
  const manager = await scriptedManager((path, query) => {
    const [offset, limit] = [Number(query.get('offset')), Number(query.get('limit'))];
    const page = (all: readonly unknown[]) => ({
      items: all.slice(offset, offset + limit),
      total: all.length,
      offset,
    });
    const node = (id: string) => ({
      id,
      name: `SBC-${id}`,
      operationState: 'AVAILABLE',
      adminState: locked.has(id) ? 'LOCKED' : 'UNLOCKED',
    });
    if (path === '/nodes') return page(['1', '2'].map(node));
    if (path !== '/registeredUsers') return undefined;
    if (offset === 0) listings += 1;
    return page(listed(listings).map(record));
  });
  listings = 0;
  connection = (await subgraph.connect(manager)).id;
  expect(await subgraph.sync(connection)).toMatchObject({ error: null, progress: { added: users.length } });
  listings = 0;
}

test('users of a node that is locked while the listing is read stay as they were, and the run says so once', async () => {
  const users = (state: User['state']) =>
    Array.from({ length: 1_500 }, (_, index) => ({
      id: String(index),
      ...(index % 100 === 0 && { node: '2', ...(state && { state }) }),
    }));
  await begin(users('ONLINE'));
  const before = await usesTold(subgraph.store);
  listed = () => {
    locked.add('2');
    return users('OFFLINE');
  };
  const run = await subgraph.sync(connection);
  expect(run).toMatchObject({ state: 'SUCCEEDED_WITH_ISSUES', progress: { updated: 0, removed: 0 } });
  expect(run.issues.edges.map(({ node: { kind, subject } }) => [kind, subject])).toEqual([
    ['NODE_NOT_IN_SYNC', 'SBC-2'],
  ]);
  expect(await usesTold(subgraph.store)).toEqual(before);
  locked.clear();
  listed = () => users('OFFLINE');
  expect(await subgraph.sync(connection)).toMatchObject({ state: 'SUCCEEDED', progress: { updated: 15 } });
});

test('a second listing that is empty confirms nobody to be gone', async () => {
  const users = Array.from({ length: 800 }, (_, index) => ({ id: String(index) }));
  await begin(users);
  listed = (listing) => (listing === 1 ? users.slice(0, 10) : []);
  expect(await subgraph.sync(connection)).toMatchObject({
    state: 'FAILED',
    error: { code: 'EMPTY_LISTING' },
    progress: { removed: 0 },
  });
  expect((await usesTold(subgraph.store)).size).toBe(800);
});
