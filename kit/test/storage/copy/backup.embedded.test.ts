/** Backup and restore of the embedded engine: what comes back, and what a kill, a damage or a second try leaves. */
import { appendFile, cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { writeBackup } from '@numberyard/kit/storage/copy/backup';
import { copyInstallation } from '@numberyard/kit/storage/copy/copy-installation';
import type { StoreImage } from '@numberyard/kit/storage/copy/image';
import { backupId, checkArchives, readManifest } from '@numberyard/kit/storage/copy/manifest';
import { closeAll, openAll } from '@numberyard/kit/storage/copy/open-all';
import { openEmbeddedImage } from '@numberyard/kit/storage/embedded/image';
import { openEmbeddedTarget } from '@numberyard/kit/storage/embedded/target';
import { save, type Store } from '@numberyard/kit/storage/port';
import { holders, leases } from '@numberyard/kit/workers/collections';
import { collections, contents, fill, newFolder, open, removeFolders, thing, things } from './fixture.js';
import { during, killer } from './images.js';

const NAMES = ['things', 'others'];
const EPOCH = 'minted-here';
const opened: Store[] = [];

/** Filled once: every test begins with a copy of it. */
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
let place: string;
beforeEach(async () => {
  data = await newFolder();
  await cp(template, data, { recursive: true });
  place = join(await newFolder(), 'backup');
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
});

async function opening(folder: string, name?: string): Promise<Store> {
  const store = await open(folder, name);
  opened.push(store);
  return store;
}

const nothing = () => {};

function backUp(wrap: (image: StoreImage) => StoreImage = (image) => image, folder = place) {
  return writeBackup({
    folder,
    stores: NAMES.map((name) => ({ name, open: async () => wrap(await openEmbeddedImage(data, name)) })),
    about: {
      version: '1.2.3',
      engine: 'embedded',
      takenAt: '2026-01-02T03:04:05.006Z',
      encryptionKey: { included: false, fingerprint: null, note: '' },
    },
    progress: () => nothing,
    done: nothing,
  });
}

async function restore(folder: string, wrap: (image: StoreImage) => StoreImage = (image) => image): Promise<void> {
  const manifest = await readManifest(place);
  const sources = await checkArchives(place, manifest);
  const targets = await openAll(NAMES.map((name) => () => openEmbeddedTarget({ folder, name, collections })));
  try {
    const id = backupId(manifest);
    await copyInstallation({
      pairs: sources.map((source, index) => ({
        ...source,
        source: wrap(source.source),
        target: targets[index] as (typeof targets)[number],
      })),
      kind: 'restore',
      id,
      begin: () => ({ kind: 'restore', id, since: '2026-01-02T03:04:05.006Z', epoch: EPOCH }),
      progress: () => nothing,
      done: nothing,
    });
  } finally {
    await closeAll(targets);
  }
}

test('What was backed up beside the open store comes back: documents with their versions, log, cursors, requests, counters', async () => {
  const originals = [await opening(data, 'things'), await opening(data, 'others')];
  const manifest = await backUp();
  expect(manifest.stores[0]?.parts['things']?.count).toBe(599);
  expect(manifest.stores[0]?.parts['(log)']?.count).toBe(600);
  expect(Object.keys(manifest.stores[0]?.parts ?? {})).not.toContain('leases');
  const folder = await newFolder();
  await restore(folder);
  for (const [index, name] of NAMES.entries()) {
    const copy = await opening(folder, name);
    const found = await contents(copy);
    expect(found).toEqual(await contents(originals[index] as Store));
    expect(found).toMatchObject({ head: 600, wrong: [] });
    expect(await copy.log.state()).toMatchObject({ epoch: EPOCH });
  }
});

test('No lease and no heartbeat comes back, nor the version of one, so that an old fence is refused', async () => {
  await backUp();
  const folder = await newFolder();
  await restore(folder);
  const copy = await opening(folder);
  expect(await copy.get(leases, 'sweep')).toBeUndefined();
  expect(await copy.get(holders, 'me')).toBeUndefined();
  const taken = await copy.commit({ save: [save(leases, { id: 'sweep', version: 0, holder: 'you' })] });
  expect(taken).toMatchObject({ ok: true, versions: [4] });
});

test('A version of a removed document does not come back for its id', async () => {
  await backUp();
  const folder = await newFolder();
  await restore(folder);
  const copy = await opening(folder);
  expect(await copy.commit({ save: [save(things, thing(7))] })).toMatchObject({ ok: true, versions: [2] });
});

test('Nothing of what is committed while a backup is being taken is in it', async () => {
  const original = await opening(data);
  const before = await contents(original);
  await backUp((image) =>
    during(image, () => original.commit({ save: [save(things, { ...thing(9_999), id: `late at ${image.name}` })] })),
  );
  const folder = await newFolder();
  await restore(folder);
  expect(await contents(await opening(folder))).toEqual(before);
  expect(await original.get(things, 'late at things')).toBeDefined();
});

test('A backup that breaks off at any point leaves nothing at its place, and the next one goes there', async () => {
  for (const after of [0, 1, 3, 9]) {
    await expect(backUp(killer(after))).rejects.toThrow('killed');
    await expect(readManifest(place)).rejects.toThrow('is no backup');
  }
  // A kill leaves its draft behind, which is no backup by its name and by its content.
  await cp(data, `${place}.unfinished`, { recursive: true });
  await backUp();
  expect(await readdir(place)).toEqual(['manifest.json', 'others.jsonl.gz', 'things.jsonl.gz']);
  expect((await readdir(join(place, '..'))).filter((name) => name.includes('unfinished'))).toEqual([]);
});

test('A backup is not written over anything', async () => {
  await backUp();
  await expect(backUp()).rejects.toThrow('is there already');
});

test('A restore that breaks off at any point keeps the store shut, and run again it ends as one that did not', async () => {
  await backUp();
  const original = await contents(await opening(data));
  for (const after of [0, 1, 2, 5, 9]) {
    const folder = await newFolder();
    await expect(restore(folder, killer(after))).rejects.toThrow('killed');
    for (const name of NAMES) await expect(open(folder, name)).rejects.toThrow(/holds an unfinished restore/);
    await expect(openEmbeddedImage(folder, 'things')).rejects.toThrow(/holds an unfinished restore/);
    await restore(folder);
    const copy = await opening(folder);
    expect(await contents(copy)).toEqual(original);
  }
});

test('A restore that is begun keeps off another one, and so does a finished one', async () => {
  await backUp();
  const folder = await newFolder();
  await expect(restore(folder, killer(2))).rejects.toThrow('killed');
  const first = place;
  place = `${first}-2`;
  const store = await opening(data);
  await store.commit({ save: [save(things, { ...thing(5_000), id: 'more' })] });
  await backUp();
  const other = await newFolder();
  await expect(restore(folder)).rejects.toThrow(/holds an unfinished restore/);
  place = first;
  await restore(folder);
  await expect(restore(folder)).rejects.toThrow(/is not empty: this restore was finished there before/);
  await restore(other);
  place = `${first}-2`;
  await expect(restore(other)).rejects.toThrow(/is not empty\. Nothing was changed/);
});

test('A restore into a folder that a server uses, or that was in use, is refused and changes nothing', async () => {
  await backUp();
  const server = await opening(data);
  await expect(restore(data)).rejects.toThrow('in use by another process');
  await server.close();
  await expect(restore(data)).rejects.toThrow('is not empty');
  const store = await opening(data);
  expect(await contents(store)).toMatchObject({ head: 600, wrong: [] });
});

test('A store that was opened but never used takes a backup in', async () => {
  await backUp();
  const folder = await newFolder();
  await (await open(folder)).close();
  await restore(folder);
  expect(await contents(await opening(folder))).toEqual(await contents(await opening(data)));
});

test.each(['manifest.json', 'things.jsonl.gz'])(
  'A damaged %s is found out before anything is written',
  async (file) => {
    await backUp();
    const path = join(place, file);
    const bytes = await readFile(path);
    const middle = bytes.length >> 1;
    bytes.writeUInt8((bytes[middle] ?? 0) ^ 1, middle);
    await writeFile(path, bytes);
    const folder = await newFolder();
    await expect(restore(folder)).rejects.toThrow('is damaged');
    expect(await readdir(folder)).toEqual([]);
  },
);

test('A file that is cut, longer or missing is found out', async () => {
  await backUp();
  const path = join(place, 'others.jsonl.gz');
  const bytes = await readFile(path);
  await writeFile(path, bytes.subarray(0, -20));
  await expect(restore(await newFolder())).rejects.toThrow('is damaged');
  await writeFile(path, bytes);
  await appendFile(path, 'x');
  await expect(restore(await newFolder())).rejects.toThrow('is damaged');
  await rm(path);
  await expect(restore(await newFolder())).rejects.toThrow('is missing');
});
