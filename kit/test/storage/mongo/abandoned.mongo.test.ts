import { takeTestDatabases, testMongoUri, type TestDatabases } from '@numberyard/kit/testing/mongo';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { mongo } from 'mongoose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AbandonedTransactions } from '../../../src/storage/mongo/abandoned.js';

interface Thing {
  readonly _id: string;
  readonly by: string;
}

describe('an abandoned transaction', () => {
  let databases: TestDatabases;
  let client: mongo.MongoClient;
  let things: mongo.Collection<Thing>;
  const open: mongo.ClientSession[] = [];

  beforeEach(async () => {
    databases = await takeTestDatabases('abandoned');
    client = await mongo.MongoClient.connect(testMongoUri() ?? '', {
      appName: databases.prefix,
      readConcernLevel: 'majority',
      writeConcern: { w: 'majority' },
    });
    things = client.db(`${databases.prefix}_things`).collection('things');
    await things.insertOne({ _id: 'a', by: 'nobody' });
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((session) => session.endSession()));
    await client.close();
    databases.release();
  });

  /** Writes in a transaction that is then left alone. */
  async function abandon(): Promise<mongo.ClientSession> {
    const session = client.startSession();
    open.push(session);
    session.startTransaction();
    await things.updateOne({ _id: 'a' }, { $set: { by: 'the abandoned' } }, { session });
    return session;
  }

  it('is ended once it has stood still for four seconds, and what it wrote can be written', async () => {
    await abandon();
    const abandoned = new AbandonedTransactions(client);
    expect(await abandoned.end()).toBe(0);
    await waitUntil('it to be ended', async () => (await abandoned.end()) === 1);
    const session = client.startSession();
    open.push(session);
    await session.withTransaction(() => things.updateOne({ _id: 'a' }, { $set: { by: 'another' } }, { session }));
    expect(await things.findOne({ _id: 'a' })).toEqual({ _id: 'a', by: 'another' });
  });

  it('of another application is left alone', async () => {
    const session = await abandon();
    const stranger = await mongo.MongoClient.connect(testMongoUri() ?? '', { appName: 'another' });
    const others = new AbandonedTransactions(stranger);
    const own = new AbandonedTransactions(client);
    const begun = Date.now();
    await waitUntil('five seconds of looking', async () => {
      expect(await others.end()).toBe(0);
      return Date.now() - begun > 5_000;
    });
    await stranger.close();
    expect(await own.end()).toBe(1);
    await expect(session.commitTransaction()).rejects.toThrow();
  });
});
