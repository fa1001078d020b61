import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { takeTestDatabases, testMongoUri, type TestDatabases } from '@numberyard/kit/testing/mongo';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { mongo } from 'mongoose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AbandonedTransactions } from '../../../src/storage/mongo/abandoned.js';

interface Thing {
  readonly _id: string;
  readonly by: string;
}

/** Writes in a transaction that it leaves open; two of different applications are not in each other's way. */
const WRITER = `
  import { mongo } from 'mongoose';
  const { WRITER_URI, WRITER_APP, WRITER_DATABASE } = process.env;
  const client = await mongo.MongoClient.connect(WRITER_URI, { appName: WRITER_APP });
  const session = client.startSession();
  session.startTransaction();
  const things = client.db(WRITER_DATABASE).collection('things');
  const _id = WRITER_APP === 'another' ? 'b' : 'a';
  await things.updateOne({ _id }, { $set: { by: 'the abandoned' } }, { session, upsert: true });
  console.log('written');
  setInterval(() => undefined, 1_000);
`;

describe('an abandoned transaction', () => {
  let databases: TestDatabases;
  let survivor: mongo.MongoClient;
  const closers: (() => Promise<unknown>)[] = [];

  const connect = async (appName = databases.prefix) => {
    const client = await mongo.MongoClient.connect(testMongoUri() ?? '', {
      appName,
      readConcernLevel: 'majority',
      writeConcern: { w: 'majority' },
    });
    closers.push(() => client.close());
    return client;
  };
  const databaseName = () => `${databases.prefix}_things`;
  const things = () => survivor.db(databaseName()).collection<Thing>('things');

  beforeEach(async () => {
    databases = await takeTestDatabases('abandoned');
    survivor = await connect();
    await things().insertOne({ _id: 'a', by: 'nobody' });
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    databases.release();
  });

  /** A process that writes in a transaction and then does nothing more. */
  async function startWriter(appName = databases.prefix): Promise<ChildProcess> {
    const writer = spawn(process.execPath, ['--input-type=module', '--eval', WRITER], {
      cwd: import.meta.dirname,
      env: { ...process.env, WRITER_URI: testMongoUri(), WRITER_APP: appName, WRITER_DATABASE: databaseName() },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    closers.push(() => kill(writer));
    await once(writer.stdout, 'data');
    return writer;
  }

  async function kill(writer: ChildProcess): Promise<void> {
    if (writer.exitCode !== null || writer.signalCode !== null) return;
    writer.kill('SIGKILL');
    await once(writer, 'exit');
  }

  it('is ended soon after its process was killed, and what it wrote can be written', async () => {
    const writer = await startWriter();
    await kill(writer);
    const abandoned = new AbandonedTransactions(survivor);
    await waitUntil('it to be ended', async () => (await abandoned.end()) === 1);
    await things().updateOne({ _id: 'a' }, { $set: { by: 'another' } });
    expect(await things().findOne({ _id: 'a' })).toEqual({ _id: 'a', by: 'another' });
  });

  it('of another application is left alone, and so is one of a living process for a while', async () => {
    await kill(await startWriter('another'));
    await startWriter();
    const abandoned = new AbandonedTransactions(survivor);
    const begun = Date.now();
    await waitUntil('two seconds of looking', async () => {
      expect(await abandoned.end()).toBe(0);
      return Date.now() - begun > 2_000;
    });
    const others = new AbandonedTransactions(await connect('another'));
    expect(await others.end()).toBe(1);
    await waitUntil('it to have stood still for too long', async () => (await abandoned.end()) === 1);
  });
});
