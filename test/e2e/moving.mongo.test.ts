/** An installation outgrows its machine: it moves from the embedded engine to MongoDB, is killed on the way, and nobody who uses it can tell the difference. */
import { setTimeout as delay } from 'node:timers/promises';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { takeTestDatabases, type TestDatabases } from '@numberyard/kit/testing/mongo';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { mongo } from 'mongoose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bringBack, claim, type Inventory, makeInventory, readEverything } from '../src/world/inventory-story.js';
import { type Movable, openMovable, type Place, runProgram } from '../src/world/movable.js';
import { addNumbers } from '../src/world/steps.js';

interface Changed {
  readonly id: string;
  readonly change: string;
  readonly cursor: string;
}

const CHANGES = 'subscription($after: String) { numberChanged(after: $after) { id change cursor } }';

let world: Movable;
let databases: TestDatabases;
let client: mongo.MongoClient;
let inventory: Inventory;
let folder: string;
let onMongo: Place;
let before: { answers: unknown; claimed: string; cursor: string; changed: readonly Changed[] };

beforeAll(async () => {
  world = await openMovable();
  databases = await takeTestDatabases('moving house');
  client = await mongo.MongoClient.connect(databases.uri);
  folder = world.newFolder('data');
  await world.start({ NUMBERYARD_DATA: folder });
  inventory = await makeInventory(world);
  const cursor = await world.cursor('number-inventory');
  const live = world.client().subscribe<Changed>(CHANGES, { after: cursor });
  const added = await addNumbers(world.client(), inventory.sites[1] ?? '', '5000', '5009');
  await waitUntil('the events of the added numbers', () => live.events.length >= added.length);
  await live.stop();
  before = {
    answers: await readEverything(world.client()),
    claimed: await claim(world.client(), inventory.customer),
    cursor,
    changed: [...live.events],
  };
  const key = (await readFile(join(folder, 'encryption.key'), 'utf8')).trim();
  onMongo = { MONGODB_URI: databases.uri, NUMBERYARD_ENCRYPTION_KEY: key };
});

afterAll(async () => {
  await world?.close();
  await client?.close();
  databases?.release();
});

const transfer = (env: Place = {}, killWhen?: (signal: AbortSignal) => Promise<unknown>) =>
  runProgram('transfer', ['--from', folder, '--to', databases.uri], env, killWhen);

/** Resolves when documents are in a collection of the target. */
const arrived = (database: string, collection: string) => async (signal: AbortSignal) => {
  const documents = client.db(`${databases.prefix}_${database}`).collection(collection);
  while (!signal.aborted && (await documents.countDocuments({}, { limit: 1 })) === 0) await delay(2);
};

it('is not transferred while it runs, nor without its encryption key, nor with another', async () => {
  expect(await transfer()).toMatchObject({ code: 1, output: expect.stringContaining('in use by another process') });
  await world.stop();
  const key = join(folder, 'encryption.key');
  await rename(key, `${key}.away`);
  expect(await transfer()).toMatchObject({ code: 1, output: expect.stringContaining('there is no encryption key') });
  await rename(`${key}.away`, key);
  const other = { NUMBERYARD_ENCRYPTION_KEY: 'f'.repeat(64) };
  expect(await transfer(other)).toMatchObject({ code: 1, output: expect.stringContaining('opens none of the 1') });
  const databasesMade = await client.db('admin').admin().listDatabases({ nameOnly: true });
  for (const { name } of databasesMade.databases.filter(({ name }) => name.startsWith(`${databases.prefix}_`))) {
    expect(await client.db(name).collection('store_meta').countDocuments()).toBe(0);
  }
});

it('is not transferred from a folder that is none of Numberyard, nor without saying from where', async () => {
  const elsewhere = await runProgram('transfer', ['--from', '/', '--to', databases.uri], {});
  expect(elsewhere).toMatchObject({ code: 1, output: expect.stringContaining('is no data folder of Numberyard') });
  expect(await runProgram('transfer', ['--to', databases.uri], {})).toMatchObject({ code: 2 });
  expect(await runProgram('transfer', ['--form', folder], {})).toMatchObject({ code: 2 });
  expect(await runProgram('transfer', ['--help'], {})).toMatchObject({ code: 0 });
});

it('is refused by every service while it is half transferred, wherever the transfer is killed', async () => {
  for (const killWhen of [arrived('audit', 'store_meta'), arrived('number_inventory', 'numbers')]) {
    expect((await transfer({}, killWhen)).code).toBeNull();
    await expect(world.start(onMongo)).rejects.toThrow(/holds an unfinished transfer/);
    expect(await runProgram('backup', ['--to', world.newFolder('half')], onMongo)).toMatchObject({
      code: 1,
      output: expect.stringContaining('holds an unfinished transfer'),
    });
  }
});

it('is transferred by a run that goes on after the killed ones, and by no other', async () => {
  expect(await transfer()).toMatchObject({ code: 0, output: expect.stringContaining('opens all 1 stored passwords') });
  expect(await transfer()).toMatchObject({ code: 1, output: expect.stringContaining('was finished there before') });
  expect(await runProgram('migrate', [], onMongo)).toMatchObject({ code: 0 });
  expect(await runProgram('verify', [], onMongo)).toMatchObject({ code: 0 });
});

it('answers every query on MongoDB as it did before', async () => {
  await world.start(onMongo);
  expect(await readEverything(world.client())).toEqual(before.answers);
});

it('tells a client with a cursor of before what it missed, and what comes', async () => {
  const stream = world.client().subscribe<Changed>(CHANGES, { after: before.cursor });
  const added = await addNumbers(world.client(), inventory.sites[1] ?? '', '5010', '5011');
  await waitUntil('all events', () => stream.events.length >= before.changed.length + added.length);
  expect(stream.events.slice(0, before.changed.length)).toEqual(before.changed);
  expect(stream.events.slice(before.changed.length).map(({ id }) => id)).toEqual(added);
  await stream.stop();
});

it('remembers what was claimed, and goes on syncing with the passwords it was given', async () => {
  expect(await claim(world.client(), inventory.customer)).toBe(before.claimed);
  await bringBack(world.client(), inventory);
});

it('moves back by a backup that is taken while it runs: clients start over, everything else is the same', async () => {
  const [backup, home] = [world.newFolder('backup'), world.newFolder('home')];
  const answers = await readEverything(world.client());
  expect(await runProgram('backup', ['--to', backup], onMongo)).toMatchObject({ code: 0 });
  await world.stop();
  const place = { NUMBERYARD_DATA: home, NUMBERYARD_ENCRYPTION_KEY: onMongo['NUMBERYARD_ENCRYPTION_KEY'] ?? '' };
  expect(await runProgram('restore', ['--from', backup], place)).toMatchObject({ code: 0 });
  expect(await runProgram('verify', [], place)).toMatchObject({ code: 0 });
  await world.start(place);
  expect(await readEverything(world.client())).toEqual(answers);
  const stream = world.client().subscribe<Changed>(CHANGES, { after: before.cursor });
  await waitUntil('the stream to end', () => stream.ended);
  expect(JSON.stringify(stream.problem)).toContain('CURSOR_FOREIGN_EPOCH');
  await stream.stop();
  inventory.manager.control.takeOffline(inventory.cooling);
  await bringBack(world.client(), inventory);
});
