/** From the embedded engine to MongoDB and back: what arrives, and what a kill on the way leaves. */
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeBackup } from '@numberyard/kit/storage/copy/backup';
import { copyInstallation } from '@numberyard/kit/storage/copy/copy-installation';
import { SnapshotLostError, type StoreImage } from '@numberyard/kit/storage/copy/image';
import { backupId, checkArchives, readManifest } from '@numberyard/kit/storage/copy/manifest';
import { closeAll, openAll } from '@numberyard/kit/storage/copy/open-all';
import type { StoreTarget } from '@numberyard/kit/storage/copy/target';
import { openEmbeddedImage } from '@numberyard/kit/storage/embedded/image';
import { openEmbeddedTarget } from '@numberyard/kit/storage/embedded/target';
import { type ImageMode, openMongoImage } from '@numberyard/kit/storage/mongo/image';
import { openMongoStore } from '@numberyard/kit/storage/mongo/open';
import { openMongoTarget } from '@numberyard/kit/storage/mongo/target';
import { asRead, save, type Store } from '@numberyard/kit/storage/port';
import { takeTestDatabases, type TestDatabases } from '@numberyard/kit/testing/mongo';
import { holders, leases } from '@numberyard/kit/workers/collections';
import { mongo } from 'mongoose';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { collections, contents, fill, newFolder, open, removeFolders, thing, things } from './fixture.js';
import { during, killer } from './images.js';

const NAMES = ['things', 'others'];
const opened: Store[] = [];
const taken: TestDatabases[] = [];
const nothing = () => {};

let template: string;
beforeAll(async () => {
  template = await newFolder();
  for (const name of NAMES) {
    const store = await open(template, name);
    await fill(store);
    await store.close();
  }
});
afterAll(removeFolders);

let data: string;
let uri: string;
beforeEach(async () => {
  data = await newFolder();
  await cp(template, data, { recursive: true });
  uri = await newDatabases();
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  for (const { release } of taken.splice(0)) release();
});

async function newDatabases(): Promise<string> {
  const databases = await takeTestDatabases('moving');
  taken.push(databases);
  return databases.uri;
}

async function embedded(folder: string, name = 'things'): Promise<Store> {
  const store = await open(folder, name);
  opened.push(store);
  return store;
}

async function onMongo(at = uri, name = 'things'): Promise<Store> {
  const store = await openMongoStore({ uri: at, name, collections });
  opened.push(store);
  return store;
}

async function transfer(wrap: (image: StoreImage) => StoreImage = (image) => image, id = 'this one'): Promise<void> {
  const images = await openAll(NAMES.map((name) => () => openEmbeddedImage(data, name)));
  const targets = await openAll(NAMES.map((name) => () => openMongoTarget({ uri, name, collections })));
  try {
    await copyInstallation({
      pairs: images.map((source, index) => ({ source: wrap(source), target: targets[index] as StoreTarget })),
      kind: 'transfer',
      id,
      begin: () => ({ kind: 'transfer', id, since: '2026-01-02T03:04:05.006Z' }),
      progress: () => nothing,
      done: nothing,
    });
  } finally {
    await closeAll([...targets, ...images]);
  }
}

function backUp(place: string, open: (name: string, attempt: number) => Promise<StoreImage>) {
  return writeBackup({
    folder: place,
    stores: NAMES.map((name) => ({ name, open: (attempt) => open(name, attempt) })),
    about: {
      version: '1.2.3',
      engine: 'mongodb',
      takenAt: '2026-01-02T03:04:05.006Z',
      encryptionKey: { included: false, fingerprint: null, note: '' },
    },
    progress: () => nothing,
    done: nothing,
  });
}

const image = (name: string, mode: ImageMode) => openMongoImage({ uri, name, collections, mode });

async function restore(place: string, openTarget: (name: string) => Promise<StoreTarget>): Promise<void> {
  const manifest = await readManifest(place);
  const sources = await checkArchives(place, manifest);
  const targets = await openAll(NAMES.map((name) => () => openTarget(name)));
  const id = backupId(manifest);
  try {
    await copyInstallation({
      pairs: sources.map((source, index) => ({ ...source, target: targets[index] as StoreTarget })),
      kind: 'restore',
      id,
      begin: () => ({ kind: 'restore', id, since: '2026-01-02T03:04:05.006Z', epoch: 'minted-here' }),
      progress: () => nothing,
      done: nothing,
    });
  } finally {
    await closeAll(targets);
  }
}

test('A transfer brings documents with their versions, log, cursors, requests and counters, under the same epoch', async () => {
  await transfer();
  for (const name of NAMES) {
    const [original, copy] = [await embedded(data, name), await onMongo(uri, name)];
    const found = await contents(copy);
    expect(found).toEqual(await contents(original));
    expect(found).toMatchObject({ head: 600, wrong: [] });
    expect(await copy.log.state()).toEqual(await original.log.state());
  }
});

test('After a transfer no version comes back: of a removed document, nor of a lease that stayed behind', async () => {
  await transfer();
  const store = await onMongo();
  expect(await store.get(leases, 'sweep')).toBeUndefined();
  expect(await store.get(holders, 'me')).toBeUndefined();
  const lease = await store.commit({ save: [save(leases, { id: 'sweep', version: 0, holder: 'you' })] });
  expect(lease).toMatchObject({ ok: true, versions: [4] });
  expect(await store.commit({ save: [save(things, thing(7))] })).toMatchObject({ ok: true, versions: [2] });
});

test('A transferred store goes on where its log stood, and holds what is unique', async () => {
  await transfer();
  const store = await onMongo();
  const event = { type: 'made', retention: 'history', entity: 'thing:x', path: 'a', fields: {} } as const;
  const actor = { type: 'WORKER', id: 'test' } as const;
  const events = [{ ...event, actor, time: '2026-01-02T03:04:05.006Z' }];
  const { epoch } = await store.log.state();
  const made = await store.commit({ save: [save(things, { ...thing(5_000), id: 'x' })], events });
  expect(made).toMatchObject({ ok: true, cursor: `${epoch}.601` });
  const second = await store.commit({ save: [save(things, { ...thing(5_000), id: 'y' })] });
  expect(second).toMatchObject({ ok: false, conflicts: [{ kind: 'TAKEN', id: 'y', key: 'byValue' }] });
  expect(await store.verify()).toEqual([]);
});

test.each([0, 1, 3, 6, 10])(
  'A transfer that breaks off after %i batches keeps the database shut, and run again it ends as one that did not',
  async (after) => {
    await expect(transfer(killer(after))).rejects.toThrow('killed');
    for (const name of NAMES) {
      await expect(openMongoStore({ uri, name, collections })).rejects.toThrow(/holds an unfinished transfer/);
    }
    await expect(image('things', 'SNAPSHOT')).rejects.toThrow(/holds an unfinished transfer/);
    await transfer();
    expect(await contents(await onMongo())).toEqual(await contents(await embedded(data)));
  },
);

test('When the source went on between two runs of a transfer, what had been copied is copied anew', async () => {
  await expect(transfer(killer(4))).rejects.toThrow('killed');
  const store = await embedded(data);
  const [first, second] = await store.getMany(things, ['t0', 't1']);
  if (!first || !second) throw new Error('things are missing');
  await store.commit({ save: [save(things, { ...first, value: 'another' })], remove: [asRead(things, second)] });
  await transfer();
  expect(await contents(await onMongo())).toEqual(await contents(store));
});

test('A transfer is refused by a database that is in use, by one of another transfer, and by its own when it is done', async () => {
  await expect(transfer(killer(3))).rejects.toThrow('killed');
  await expect(transfer((source) => source, 'another')).rejects.toThrow(/holds an unfinished transfer/);
  await transfer();
  await expect(transfer()).rejects.toThrow(/is not empty: this transfer was finished there before/);
  uri = await newDatabases();
  const store = await onMongo(uri, 'others');
  await store.commit({ save: [save(things, thing(1))] });
  await expect(transfer()).rejects.toThrow(/others is not empty\. Nothing was changed/);
  expect(await (await onMongo()).get(things, 't1')).toBeUndefined();
});

test('A backup of MongoDB, taken beside commits, is of one moment and goes into either engine', async () => {
  await transfer();
  const store = await onMongo();
  const before = await contents(store);
  const place = join(await newFolder(), 'backup');
  const disturb = () => store.commit({ save: [save(things, { ...thing(9_000), id: 'late' })] });
  await backUp(place, async (name) => during(await image(name, 'SNAPSHOT'), disturb));
  expect(await store.get(things, 'late')).toBeDefined();

  const folder = await newFolder();
  await restore(place, (name) => openEmbeddedTarget({ folder, name, collections }));
  const other = await newDatabases();
  await restore(place, (name) => openMongoTarget({ uri: other, name, collections }));
  for (const copy of [await embedded(folder), await onMongo(other)]) {
    expect(await contents(copy)).toEqual(before);
    expect(await copy.log.state()).toMatchObject({ epoch: 'minted-here' });
  }
});

test('Where a snapshot is lost the database is read again, which holds only while nobody commits', async () => {
  await transfer();
  const store = await onMongo();
  const place = join(await newFolder(), 'backup');
  const lost = async (name: string, attempt: number, disturb: () => Promise<unknown>) => {
    if (attempt > 0) return during(await image(name, 'STILL'), disturb);
    return during(await image(name, 'SNAPSHOT'), () => Promise.reject(new SnapshotLostError(name, undefined)));
  };
  let count = 0;
  const disturb = () => store.commit({ save: [save(things, { ...thing(9_000 + ++count), id: `late ${count}` })] });
  await expect(backUp(place, (name, attempt) => lost(name, attempt, disturb))).rejects.toThrow(/Stop the services/);
  await expect(readManifest(place)).rejects.toThrow('is no backup');
  await backUp(place, (name, attempt) => lost(name, attempt, async () => {}));
  const folder = await newFolder();
  await restore(place, (name) => openEmbeddedTarget({ folder, name, collections }));
  expect(await contents(await embedded(folder))).toEqual(await contents(store));
  await rm(place, { recursive: true });
});

test('A transaction that the server ended counts as a lost snapshot', async () => {
  await transfer();
  const client = await mongo.MongoClient.connect(uri);
  try {
    const source = await image('things', 'SNAPSHOT');
    const first = source.batches()[Symbol.asyncIterator]();
    await first.next();
    await endSessions(client, `numberyard-copy ${taken[0]?.prefix}_things`);
    const rest = async () => {
      for (let next = await first.next(); !next.done; next = await first.next());
    };
    await expect(rest()).rejects.toThrow(SnapshotLostError);
    await source.close();
  } finally {
    await client.close();
  }
});

async function endSessions(client: mongo.MongoClient, appName: string): Promise<void> {
  const admin = client.db('admin');
  const sessions = await admin
    .aggregate<{ lsid: { id: mongo.UUID } }>([{ $currentOp: { idleSessions: true } }, { $match: { appName } }])
    .toArray();
  expect(sessions).toHaveLength(1);
  await admin.command({ killSessions: sessions.map(({ lsid }) => ({ id: lsid.id })) });
}
