import { mongo } from 'mongoose';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openMongoStore } from '../../../src/storage/mongo/open.js';
import type { Store } from '../../../src/storage/port.js';
import { takeTestDatabases, type TestDatabases } from '../../../src/testing/mongo.js';

const PRUNE = { before: '2027-01-01T00:00:00.000Z', upTo: 1_000_000, limit: 5 };
let databases: TestDatabases;
let store: Store;
let client: mongo.MongoClient;

beforeEach(async () => {
  databases = await takeTestDatabases('prune');
  client = await mongo.MongoClient.connect(databases.uri);
  store = await openMongoStore({ uri: databases.uri, name: 'pruned', collections: [] });
});
afterEach(async () => {
  await store.close();
  await client.close();
  databases.release();
});

const append = (count: number) =>
  store.commit({
    events: Array.from({ length: count }, () => ({
      type: 'passed',
      retention: 'passing' as const,
      entity: 'thing:a',
      path: 'p',
      actor: { type: 'WORKER' as const, id: 'test' },
      time: '2026-01-01T00:00:00.000Z',
      fields: {},
    })),
  });

it(
  'removes what one that was killed between raising the floor and removing has left below it',
  { timeout: 60_000 },
  async () => {
    await append(3);
    await client
      .db(`${databases.prefix}_pruned`)
      .collection<{ _id: string }>('store_meta')
      .updateOne({ _id: 'log' }, { $set: { 'floors.passing': 3 } });
    expect(await store.prune(PRUNE)).toBe(3);
    expect(await store.log.read({ after: 0, limit: 10 })).toEqual({ events: [], upTo: 3 });
    expect((await store.log.state()).floors.passing).toBe(3);
  },
);

it('gets through while commits never cease, and leaves the log whole', { timeout: 60_000 }, async () => {
  let isPruned = false;
  const committing = Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let round = 0; !isPruned || round < 5; round += 1) await append(2);
    }),
  );
  let rows = 0;
  while (rows < 15) rows += await store.prune(PRUNE);
  isPruned = true;
  await committing;
  expect((await store.log.state()).floors.passing).toBe(rows);
  expect(await store.verify()).toEqual([]);
});
