/** What only the embedded engine promises: about its files, its thread and its lock. */
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { openDatabase } from '@numberyard/kit/storage/embedded/binding';
import { openEmbeddedStore } from '@numberyard/kit/storage/embedded/open';
import { WriterThread } from '@numberyard/kit/storage/embedded/writer-thread';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { apply, collections, event, item, items, saving } from './fixtures.js';

describe('the embedded engine', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'numberyard-embedded-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const open = (name = 'one') => openEmbeddedStore({ folder, name, collections });

  it('keeps several stores in one folder, each with a log and an epoch of its own', async () => {
    const [one, two] = [await open('one'), await open('two')];
    await apply(one, { ...saving(item('a')), events: [event('a')] });
    expect(await two.get(items, 'a')).toBeUndefined();
    const [first, second] = [await one.log.state(), await two.log.state()];
    expect([first.head, second.head]).toEqual([1, 0]);
    expect(first.epoch).not.toBe(second.epoch);
    await Promise.all([one.close(), two.close()]);
  });

  it('is wholly in its one file once it is closed', async () => {
    const store = await open();
    await apply(store, { ...saving(item('a')), events: [event('a')] });
    const state = await store.log.state();
    await store.close();
    await copyFile(join(folder, 'one.sqlite'), join(folder, 'copy.sqlite'));
    const copy = await open('copy');
    expect(await copy.log.state()).toEqual(state);
    expect((await copy.get(items, 'a'))?.version).toBe(1);
    await copy.close();
  });

  it('neither keeps a process alive while it is idle nor lets it end before it is closed', async () => {
    const program = `
      import { openEmbeddedStore } from '@numberyard/kit/storage/embedded/open';
      const open = (name) => openEmbeddedStore({ folder: process.argv[1], name, collections: [] });
      await open('idle');
      const store = await open('one');
      await store.commit({});
      await store.close();
      console.log('closed');`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, folder], {
      cwd: import.meta.dirname,
    });
    expect(stdout).toBe('closed\n');
  });

  it('makes its folder', async () => {
    const store = await openEmbeddedStore({ folder: join(folder, 'deep', 'er'), name: 'one', collections });
    await store.ping();
    await store.close();
  });

  it('is UNAVAILABLE on a file that is no database, leaves it alone and lets go of the lock', async () => {
    const file = join(folder, 'one.sqlite');
    await writeFile(file, 'a letter to somebody else, '.repeat(100));
    for (const _ of [1, 2]) await expect(open()).rejects.toMatchObject({ name: 'StoreError', code: 'UNAVAILABLE' });
    expect((await stat(file)).size).toBe(2_700);
  });

  it('is UNAVAILABLE on a file of another format, and says which', async () => {
    await (await open()).close();
    const db = openDatabase(join(folder, 'one.sqlite'));
    db.exec("UPDATE meta SET value = 99 WHERE name = 'format'");
    db.close();
    await expect(open()).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/format 99/) as string,
    });
  });

  it('tells in sentences what a recount finds wrong', async () => {
    const store = await open();
    await apply(store, { ...saving(item('a'), item('b', { state: 'DONE' })), events: [event('a'), event('b')] });
    await store.close();
    const db = openDatabase(join(folder, 'one.sqlite'));
    db.exec("UPDATE n_items_states SET count = 5 WHERE v1 = 'NEW'; DELETE FROM n_items_states WHERE v1 = 'DONE'");
    db.exec("DELETE FROM k_items_name WHERE id = 'a'; DELETE FROM log WHERE position = 1");
    db.close();
    const again = await open();
    const told = await again.verify();
    expect(told).toEqual([
      'The log has 1 events above 0 where its head of 2 says 2.',
      'Key name of items lacks ["a"] of a.',
      'Key name of items has 1 entries, the documents make 2.',
      'Counter states of items is over by 4 at ["root","NEW"].',
      'Counter states of items is short by 1 at ["root","DONE"].',
    ]);
    await again.close();
  });

  it('answers a commit its writer chokes on without taking down the others of the group', async () => {
    const writer = await WriterThread.start({ file: join(folder, 'one.sqlite'), plans: [] }, () => undefined);
    // No commit like this gets past the preparation; it stands for any that the engine cannot digest.
    const good = { expect: [], save: [], remove: [], events: [], documents: 1, size: 0 };
    const bad = { ...good, expect: [{ collection: 'none', id: 'a', version: 1 }] };
    const outcomes = await writer.applyGroup({ id: 'g', commits: [good, bad, good] });
    expect(outcomes).toEqual([
      { position: 0, versions: [] },
      { fault: expect.stringContaining('none') as string },
      { position: 0, versions: [] },
    ]);
    await writer.close();
    await expect(writer.applyGroup({ id: 'g', commits: [] })).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('is closed when its writer thread ends unasked: what waits is answered, the log says so, the file can be opened again', async () => {
    const errors: string[] = [];
    const logger = { error: (_: object, message: string) => void errors.push(message) };
    const store = await openEmbeddedStore({ folder, name: 'one', collections, logger });
    await apply(store, saving(item('a')));
    const post = vi.spyOn(Worker.prototype, 'postMessage');
    // An order that is none makes the thread throw where nothing is there to catch it.
    post.mockImplementationOnce(function (this: Worker) {
      post.mockRestore();
      this.postMessage(null);
    });
    const waiting = [1, 2, 3].map((index) => store.commit(saving(item(`b${index}`))));
    const closed = { status: 'rejected', reason: { name: 'StoreError', code: 'CLOSED' } };
    expect(await Promise.allSettled(waiting)).toMatchObject([closed, closed, closed]);
    await expect(store.get(items, 'a')).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(store.ping()).rejects.toMatchObject({ code: 'CLOSED' });
    await store.close();
    expect(errors).toHaveLength(1);
    const again = await open();
    expect((await again.get(items, 'a'))?.version).toBe(1);
    expect(await again.verify()).toEqual([]);
    await again.close();
  });
});
