/** Databases and what programs declare, when several programs come at once. */
import { mongo, Schema } from 'mongoose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Collection, defineCollection, type KeySpec } from '../../../src/storage/collection.js';
import { openMongoStore } from '../../../src/storage/mongo/open.js';
import type { Doc, Store } from '../../../src/storage/port.js';
import { takeTestDatabases, type TestDatabases } from '../../../src/testing/mongo.js';

interface Thing extends Doc {
  readonly name: string;
  readonly nodes: readonly string[];
  readonly state: string;
}

function declare(keys: Record<string, KeySpec>, by: string[]): Collection<Thing> {
  return defineCollection<Thing>({
    name: 'things',
    schema: new Schema({ name: String, nodes: [String], state: String }),
    keys,
    counters: { all: { at: 'nodes', by } },
  });
}

const first = declare({ name: { paths: ['name'] }, place: { paths: ['nodes', 'name'] } }, ['state']);
const second = declare({ name: { paths: ['name'], unique: true }, state: { paths: ['state', 'name'] } }, []);

describe('a database', { timeout: 60_000 }, () => {
  let databases: TestDatabases;
  let client: mongo.MongoClient;
  const stores: Store[] = [];

  beforeEach(async () => {
    databases = await takeTestDatabases('align');
    client = await mongo.MongoClient.connect(databases.uri);
    // Those of a database that was merely emptied would be there already.
    await client.db(`${databases.prefix}_aligned`).dropDatabase();
  });
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await client.close();
    databases.release();
  });

  const open = async (declared: Collection<Thing>): Promise<Store> => {
    const store = await openMongoStore({ uri: databases.uri, name: 'aligned', collections: [declared] });
    stores.push(store);
    return store;
  };
  const make = async (store: Store, id: string) => {
    const doc: Thing = { id, version: 0, name: `n-${id}`, nodes: ['root', id], state: 'NEW' };
    expect(await store.commit({ save: [{ collection: 'things', doc }] })).toMatchObject({ ok: true });
  };
  const indexes = async () => {
    const all = await client.db(`${databases.prefix}_aligned`).collection('things').indexes();
    return all.map(({ name, unique }) => `${name}${unique ? ' unique' : ''}`).toSorted();
  };

  it('that is not there is made once by many who open it at the same time', async () => {
    const opened = await Promise.all(Array.from({ length: 6 }, () => open(first)));
    const states = await Promise.all(opened.map((store) => store.log.state()));
    expect(new Set(states.map(({ epoch }) => epoch)).size).toBe(1);
    await Promise.all(opened.map((store, index) => make(store, `i${index}`)));
    expect(await opened[0]?.counts(first, 'all', 'root')).toEqual([{ values: ['NEW'], count: 6 }]);
    expect(await opened[0]?.verify()).toEqual([]);
    expect(await indexes()).toEqual(['_id_', 'key_name', 'key_place']);
  });

  it('gets the indexes and counters of the newest declaration, and keeps indexes that are somebody else’s', async () => {
    const store = await open(first);
    for (const id of ['a', 'b', 'c']) await make(store, id);
    await client
      .db(`${databases.prefix}_aligned`)
      .collection('things')
      .createIndexes([{ key: { state: 1 }, name: 'by-hand' }]);
    await store.close();
    const opened = await Promise.all(Array.from({ length: 4 }, () => open(second)));
    expect(await indexes()).toEqual(['_id_', 'by-hand', 'key_name unique', 'key_state']);
    for (const one of opened) {
      expect(await one.counts(second, 'all', 'root')).toEqual([{ values: [], count: 3 }]);
      expect(await one.verify()).toEqual([]);
    }
  });

  it('takes a new key over paths that documents have as null, as nothing or as an empty array, which stay as they were', async () => {
    const loose = declare({}, []);
    const store = await open(loose);
    const docs = [
      { id: 'a', version: 0, name: null, nodes: ['root', 'x'] },
      { id: 'b', version: 0, name: null, nodes: [] },
      { id: 'c', version: 0, name: 'c', nodes: [] },
      { id: 'd', version: 0, name: 'd', nodes: ['root'], other: { name: null } },
    ];
    await store.commit({ save: docs.map((doc) => ({ collection: 'things', doc })), trusted: true });
    await store.close();
    const strict = declare(
      { name: { paths: ['name'], unique: true }, place: { paths: ['nodes', 'name'], unique: true } },
      [],
    );
    const opened = await open(strict);
    const ids = docs.map(({ id }) => id);
    expect(await opened.getMany(strict, ids)).toEqual(docs.map((doc) => ({ ...doc, version: 1 })));
    const page = await opened.find(strict, { key: 'name', limit: 10 });
    expect(page.items.map(({ id }) => id)).toEqual(['c', 'd']);
  });

  it('whose counters another version of the program has declared anew is changed by the older one no more', async () => {
    const old = await open(first);
    await make(old, 'a');
    const other = await open(declare(first.keys, []));
    await expect(make(old, 'b')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/another version.*counts things otherwise/i) as string,
    });
    await make(other, 'b');
    expect(await other.verify()).toEqual([]);
  });

  it('gets the index of a key that was only renamed, in whose way the old one stands', async () => {
    await open(declare({ old: { paths: ['name'] }, gone: { paths: ['state'] } }, []));
    await open(declare({ name: { paths: ['name'] }, state: { paths: ['nodes', 'state'] } }, []));
    expect(await indexes()).toEqual(['_id_', 'key_name', 'key_state']);
  });

  it('whose counters are made anew while others commit misses none of it and counts none twice', async () => {
    const store = await open(first);
    const database = client.db(`${databases.prefix}_aligned`);
    for (let round = 0; round < 3; round += 1) {
      await database.collection<{ _id: string }>('store_meta').deleteOne({ _id: 'counters.things' });
      let isOpen = false;
      const committing = Promise.all(
        Array.from({ length: 4 }, async (_, writer) => {
          for (let index = 0; !isOpen || index < 10; index += 1) await make(store, `i${round}-${writer}-${index}`);
        }),
      );
      await open(first).finally(() => (isOpen = true));
      await committing;
      expect(await store.verify()).toEqual([]);
    }
  });

  it('whose epoch was replaced tells the new one with the next commit', async () => {
    const store = await open(first);
    await client
      .db(`${databases.prefix}_aligned`)
      .collection<{ _id: string }>('store_meta')
      .updateOne({ _id: 'log' }, { $set: { epoch: 'restored' } });
    expect(await store.commit({})).toMatchObject({ cursor: 'restored.0' });
  });

  it('of another format is refused, as is one that was removed', async () => {
    const store = await open(first);
    const database = client.db(`${databases.prefix}_aligned`);
    await database.collection<{ _id: string }>('store_meta').updateOne({ _id: 'log' }, { $set: { format: 99 } });
    await expect(open(first)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/format 99; this program knows format 1/) as string,
    });
    await database.dropDatabase();
    await expect(store.ping()).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/removed/) as string,
    });
    await expect(make(store, 'a')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
