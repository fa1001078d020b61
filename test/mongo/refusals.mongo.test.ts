/** What an operator is told when MongoDB cannot be used: a sentence that says what to do, never the password. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { openMongoStore } from '@numberyard/kit/storage/mongo/open';
import { AbandonedTransactions } from '@numberyard/kit/storage/mongo/abandoned';
import { StoreError } from '@numberyard/kit/storage/port';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { MongoMemoryReplSet, MongoMemoryServer } from 'mongodb-memory-server-core';
import { mongo } from 'mongoose';
import { afterEach, describe, expect, it } from 'vitest';
import { apply, event, item, items, saving } from '../conformance/fixtures.js';
import { findMongod } from '../src/mongo/binary.js';
import { MEMBER } from '../src/mongo/replica-set.js';

const PASSWORD = 'open-sesame';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** The refusal of a store that cannot be opened. */
async function refusal(uri: string): Promise<StoreError> {
  const error: unknown = await openMongoStore({ uri, name: 'refused', collections: [] }).then(
    (store) => store.close(),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof StoreError)) throw new Error('it was opened', { cause: error });
  expect(error.message).not.toContain(PASSWORD);
  return error;
}

async function startServer(...args: string[]): Promise<string> {
  const { path, version } = await findMongod();
  const server = await MongoMemoryServer.create({
    binary: { systemBinary: path, version },
    instance: { storageEngine: MEMBER.storageEngine, args: [...MEMBER.args, ...args] },
  });
  closers.push(() => server.stop({ doCleanup: true, force: true }));
  return `127.0.0.1:${server.instanceInfo?.port}`;
}

/** A replica set that asks for a password. */
async function startGuardedSet(): Promise<string> {
  const { path, version } = await findMongod();
  const set = await MongoMemoryReplSet.create({
    binary: { systemBinary: path, version },
    replSet: {
      name: 'rs',
      count: 1,
      storageEngine: MEMBER.storageEngine,
      args: [...MEMBER.args],
      auth: { enable: true, customRootName: 'root', customRootPwd: 'root' },
    },
  });
  closers.push(() => set.stop({ doCleanup: true, force: true }));
  return `127.0.0.1:${set.servers[0]?.instanceInfo?.port}`;
}

describe('a store on MongoDB is refused', { timeout: 90_000 }, () => {
  it('at once for a URI that is none, or holds an option nobody knows', async () => {
    expect(await refusal(`mongo://user:${PASSWORD}@host`)).toMatchObject({
      code: 'INVALID',
      message: expect.stringContaining('mongodb://') as string,
    });
    expect(await refusal(`mongodb://user:${PASSWORD}@127.0.0.1/?replicaSett=rs`)).toMatchObject({
      code: 'INVALID',
      message: expect.stringContaining('replicasett') as string,
    });
  });

  it('as worth waiting for when the host is not known, nothing listens there or nothing answers', async () => {
    expect(await refusal(`mongodb://user:${PASSWORD}@nowhere.invalid:27017`)).toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/not known \(nowhere\.invalid:27017\)/) as string,
    });
    const silent = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : 0;
    expect(await refusal(`mongodb://127.0.0.1:${port}`)).toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining(`127.0.0.1:${port} cannot be reached`) as string,
    });
    silent.close();
    await once(silent, 'close');
    expect(await refusal(`mongodb://127.0.0.1:${port}`)).toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/cannot be reached.*ECONNREFUSED/) as string,
    });
  });

  it('when the server stands alone', async () => {
    expect(await refusal(`mongodb://${await startServer()}`)).toMatchObject({
      code: 'INVALID',
      message: expect.stringMatching(/standalone server.*--replSet.*rs\.initiate/) as string,
    });
  });

  it('as worth waiting for while the replica set is not initiated', async () => {
    const host = await startServer('--replSet', 'rs');
    for (const uri of [`mongodb://${host}`, `mongodb://${host}/?replicaSet=rs`]) {
      expect(await refusal(uri)).toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringContaining('rs.initiate()') as string,
      });
    }
  });

  it('for a user or a password that is refused, and for a user without rights; one who may read and write is enough', async () => {
    const host = await startGuardedSet();
    expect(await refusal(`mongodb://root:${PASSWORD}@${host}/?replicaSet=rs`)).toMatchObject({
      code: 'INVALID',
      message: expect.stringContaining('refuses the user or the password') as string,
    });
    const root = await mongo.MongoClient.connect(`mongodb://root:root@${host}/?authSource=admin`);
    closers.push(() => root.close());
    const roles = (role: string) => [{ role, db: 'numberyard_refused' }];
    await root.db('admin').command({ createUser: 'reader', pwd: PASSWORD, roles: roles('read') });
    await root.db('admin').command({ createUser: 'writer', pwd: PASSWORD, roles: roles('readWrite') });
    for (const login of [`reader:${PASSWORD}@`, '']) {
      expect(await refusal(`mongodb://${login}${host}/?replicaSet=rs`)).toMatchObject({
        code: 'INVALID',
        message: expect.stringMatching(/numberyard_refused: give it the role readWrite/) as string,
      });
    }
    const uri = `mongodb://writer:${PASSWORD}@${host}/?replicaSet=rs`;
    const store = await openMongoStore({ uri, name: 'refused', collections: [items] });
    closers.push(() => store.close());
    let rings = 0;
    store.log.onAppend(() => (rings += 1));
    const other = await openMongoStore({ uri, name: 'refused', collections: [items] });
    closers.push(() => other.close());
    await waitUntil('the bell to ring for what the other store commits', async () => {
      await apply(other, { events: [event('a')] });
      return rings > 1;
    });
    await apply(store, saving(item('a')));
    expect(await store.verify()).toEqual([]);
    const writer = await mongo.MongoClient.connect(`mongodb://writer:${PASSWORD}@${host}/?authSource=admin`);
    closers.push(() => writer.close());
    await expect(new AbandonedTransactions(writer).end()).resolves.toBe(0);
  });
});
