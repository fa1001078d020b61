/** What connections tells an audit: who uses the numbers of a customer, and how current that is. */
import { save, type Save, type Store } from '@numberyard/kit/storage/port';
import { compareValues } from '@numberyard/kit/storage/order';
import { randomFrom } from '@numberyard/kit/testing/random';
import { openTestStore, type TestStore } from '@numberyard/kit/testing/store';
import type { ListedUse } from '@numberyard/schema/internal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AudioCodesConnection } from '../src/domain/connection.js';
import { mirrored, refOf } from '../src/domain/registered-user.js';
import { failed, queued, succeeded, type SyncRun } from '../src/domain/run.js';
import { connectionsInternal } from '../src/internal.js';
import { collections } from '../src/main.js';
import { connections } from '../src/models/connections.js';
import { registeredUsers } from '../src/models/registered-users.js';
import { syncRuns } from '../src/models/sync-runs.js';

const NOW = '2026-03-01T09:30:00.000Z';

let opened: TestStore;
let store: Store;
/** Finds of registered users and the documents they answered. */
let finds: number;
let read: number;
/** Numbers that were looked for in connections, each as often as it was. */
let sought: number;

beforeEach(async () => {
  opened = await openTestStore({ name: 'connections', collections });
  store = {
    ...opened.store,
    get: (collection, id) => opened.store.get(collection, id),
    getMany: (collection, ids) => opened.store.getMany(collection, ids),
    commit: (commit) => opened.store.commit(commit),
    async find(collection, find) {
      const page = await opened.store.find(collection, find);
      if (collection.name !== registeredUsers.name) return page;
      finds += 1;
      read += page.items.length;
      if (find.next && 'in' in find.next) sought += find.next.in.length;
      return page;
    },
  };
  finds = read = sought = 0;
});
afterEach(() => opened.close());

function connection(id: string, customer = 'acme', node = customer): Save {
  const name = id.toUpperCase();
  const doc: AudioCodesConnection = {
    id,
    version: 0,
    type: 'AudioCodes',
    name,
    foldedName: id,
    customer,
    node,
    path: `p.${customer}`,
    ancestors: ['p', customer],
    routingManager: 'arm.example',
    username: 'admin',
    sealedPassword: 'sealed',
    authenticationMethod: 'BASIC',
    tlsVerify: true,
    reachability: { state: 'UNKNOWN' },
    createdAt: NOW,
    updatedAt: NOW,
  };
  return save(connections, doc);
}

function user(of: string, armId: string, number: string | undefined, state: 'ONLINE' | 'OFFLINE' = 'ONLINE'): Save {
  const listed = { id: armId, aor: `sip:${number ?? 'nobody'}@host`, state, sbc: 's1', sbcName: 'SBC north' };
  const ref = refOf(of, armId);
  return save(registeredUsers, mirrored({ ...listed, ...(number !== undefined && { number }) }, ref, of, 0, NOW));
}

async function stored(documents: readonly Save[]): Promise<void> {
  for (let at = 0; at < documents.length; at += 500) {
    const result = await store.commit({ save: documents.slice(at, at + 500) });
    if (!result.ok) throw new Error('the documents conflict');
  }
}

/** Every page, to the end. */
async function pages(limit: number, customer = 'acme'): Promise<(readonly ListedUse[])[]> {
  const { numberUses } = connectionsInternal(store);
  const all: (readonly ListedUse[])[] = [];
  let after: string | undefined;
  do {
    const page = await numberUses(customer, after, limit);
    all.push(page.items);
    after = page.after;
  } while (after !== undefined);
  return all;
}

const id = (index: number) => `c${String(index).padStart(15, '0')}`;
const placed = ({ number, ref }: ListedUse) => [number, ref];

describe('the list of what uses a customer’s numbers', () => {
  test('tells of a use what an audit needs, and of nobody who is offline, has no number or belongs to another customer', async () => {
    await stored([
      connection('hq', 'acme', 'site'),
      connection('other', 'beta'),
      user('hq', 'u1', '+4930100'),
      user('hq', 'u2', '+4930101', 'OFFLINE'),
      user('hq', 'u3', undefined),
      user('other', 'u1', '+4930100'),
    ]);
    expect(await pages(10)).toEqual([
      [
        {
          ref: 'hq.u1',
          number: '+4930100',
          connection: 'hq',
          node: 'site',
          status: 'USED',
          usage: 'DEVICE',
          vendor: 'AudioCodes',
          usedBy: 'registered user sip:+4930100@host (SBC north) of connection HQ',
          cluster: null,
          partition: null,
        },
      ],
    ]);
    expect(await pages(10, 'nobody')).toEqual([[]]);
  });

  test.each([3, 20, 500])(
    'is in order of number and reference over all connections, each user once, in pages of %i',
    async (limit) => {
      const random = randomFrom(limit);
      const of = Array.from({ length: 34 }, (_, index) => id(index));
      const users = of.flatMap((connection, index) =>
        // Some have none, some a block of their own, some share numbers with others; the last number is on all.
        Array.from({ length: index % 8 === 0 ? 0 : Math.floor(random() * 15) }, (_, user) => ({
          connection,
          armId: `u${user}`,
          number: index % 2 === 0 ? `${1000 * index + user}` : `${Math.floor(random() * 60)}`,
        })),
      );
      const shared = of.map((connection) => ({ connection, armId: 'last', number: '99999' }));
      const all = [...users, ...shared];
      await stored([
        ...of.map((each) => connection(each)),
        ...all.map((each) => user(each.connection, each.armId, each.number)),
      ]);
      const listed = await pages(limit);
      expect(listed.flat().map(placed)).toEqual(
        all
          .map(({ connection, armId, number }) => [number, refOf(connection, armId)] as const)
          .toSorted(([a, x], [b, y]) => compareValues(a, b) || compareValues(x, y)),
      );
      expect(Math.max(...listed.map((page) => page.length))).toBeLessThanOrEqual(limit);
      // Only where the connections that were near end is a page short.
      expect(listed.length).toBeLessThanOrEqual(Math.ceil(all.length / limit) + of.length);
    },
  );

  test('with 300 connections that each have a block of numbers a page reads what it answers, not from every connection', async () => {
    const of = Array.from({ length: 300 }, (_, index) => id(index));
    const numbers = of.flatMap((connection, block) =>
      Array.from({ length: 6 }, (_, index) => ({ connection, number: `${10_000 + 6 * block + index}` })),
    );
    await stored([
      ...of.map((each) => connection(each)),
      ...numbers.map(({ connection, number }) => user(connection, number, number)),
    ]);
    const listed = await pages(50);
    expect(listed.flat().map(({ number }) => number)).toEqual(numbers.map(({ number }) => number));
    // 19 times all connections are looked at to find the next sixteen; in between a page of 50 looks at those.
    expect(finds).toBeLessThan(19 * 300 + listed.length * 25);
    expect(read).toBeLessThan(19 * 300 + 4 * numbers.length);
  });

  test('with 300 connections whose numbers alternate it reads each user a few times at most', async () => {
    const of = Array.from({ length: 300 }, (_, index) => id(index));
    const users = Array.from({ length: 2_000 }, (_, index) => ({
      connection: id((index * 7) % 300),
      number: `${10_000 + index}`,
    }));
    await stored([
      ...of.map((each) => connection(each)),
      ...users.map(({ connection, number }) => user(connection, number, number)),
    ]);
    expect((await pages(500)).flat()).toHaveLength(2_000);
    expect(read).toBeLessThan(4 * 2_000);
  });

  test('goes on when a connection that was next is deleted meanwhile', async () => {
    await stored([
      connection('a'),
      connection('b'),
      ...['1', '3', '5'].map((number) => user('a', number, number)),
      ...['2', '4', '6'].map((number) => user('b', number, number)),
    ]);
    const { numberUses } = connectionsInternal(store);
    const first = await numberUses('acme', undefined, 2);
    expect(first.items.map(({ number }) => number)).toEqual(['1', '2']);
    const gone = await store.get(connections, 'b');
    await store.commit({ remove: [{ collection: connections.name, id: 'b', version: gone?.version ?? 0 }] });
    const rest = await numberUses('acme', first.after, 10);
    expect(rest).toEqual({
      items: [expect.objectContaining({ number: '3' }), expect.objectContaining({ number: '5' })],
    });
  });

  test('refuses a position that is none of its own', async () => {
    const { numberUses } = connectionsInternal(store);
    const foreign = Buffer.from('["1","2"]').toString('base64url');
    await expect(numberUses('acme', foreign, 10)).rejects.toThrow('after is no position of this list');
    await expect(numberUses('acme', 'nonsense', 10)).rejects.toThrow('is no cursor of this list');
  });
});

test('the uses of some numbers are those of all connections of the customer, and of no other number', async () => {
  await stored([
    connection('a'),
    connection('b'),
    connection('other', 'beta'),
    ...['1', '2', '3'].flatMap((number) => ['a', 'b', 'other'].map((of) => user(of, number, number))),
    user('b', 'away', '1', 'OFFLINE'),
    user('a', 'second', '3'),
  ]);
  const { numberUsesOf } = connectionsInternal(store);
  expect((await numberUsesOf('acme', ['3', '1', '7'])).map(placed)).toEqual([
    ['1', 'a.1'],
    ['1', 'b.1'],
    ['3', 'a.3'],
    ['3', 'a.second'],
    ['3', 'b.3'],
  ]);
  expect(await numberUsesOf('acme', [])).toEqual([]);
});

test('with 300 connections that each have a block of numbers a number is looked for where it may be, not in every connection', async () => {
  const of = Array.from({ length: 300 }, (_, index) => id(index));
  const numbers = Array.from({ length: 3_000 }, (_, index) => `${10_000 + index}`);
  await stored([
    ...of.map((each) => connection(each)),
    ...numbers.map((number, index) => user(id(Math.floor(index / 10)), number, number)),
  ]);
  const wanted = numbers.filter((_, index) => index % 15 === 0);
  const uses = await connectionsInternal(store).numberUsesOf('acme', ['9', ...wanted.toReversed(), '99999']);
  expect(uses.map(({ number }) => number)).toEqual(wanted);
  expect(sought).toBe(wanted.length);
});

test('the last sync of a connection is the last one that succeeded, with or without issues; purges and failures are none', async () => {
  const run = (of: string, hour: number, kind: 'SYNC' | 'PURGE', end: (run: SyncRun, at: string) => SyncRun): Save => {
    const at = `2026-03-01T${String(hour).padStart(2, '0')}:00:00.000Z`;
    const place = { path: 'p.acme', ancestors: ['p', 'acme'], trigger: 'MANUAL' } as const;
    return save(syncRuns, end(queued({ id: `${of}${hour}`, connection: of, kind, ...place }, at), at));
  };
  const well = (of: SyncRun, at: string) => succeeded(of, at, 0);
  const badly = (of: SyncRun, at: string) => failed(of, at, { code: 'INTERNAL', message: 'no' });
  await stored([
    ...['a', 'b', 'c', 'd'].map((each) => connection(each)),
    run('a', 1, 'SYNC', well),
    run('a', 2, 'SYNC', (of, at) => succeeded(of, at, 3)),
    run('a', 3, 'PURGE', well),
    run('a', 4, 'SYNC', badly),
    run('b', 1, 'SYNC', (of, at) => succeeded(of, at, 3)),
    run('b', 2, 'SYNC', well),
    run('b', 3, 'SYNC', (of) => of),
    ...Array.from({ length: 3 }, (_, index) => run('c', index, 'PURGE', well)),
  ]);
  expect(await connectionsInternal(store).lastSyncs('acme')).toEqual([
    { connection: 'a', name: 'A', finishedAt: '2026-03-01T02:00:00.000Z' },
    { connection: 'b', name: 'B', finishedAt: '2026-03-01T02:00:00.000Z' },
    { connection: 'c', name: 'C', finishedAt: null },
    { connection: 'd', name: 'D', finishedAt: null },
  ]);
});
