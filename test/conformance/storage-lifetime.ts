import { Schema } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { defineCollection } from '@numberyard/kit/storage/collection';
import { anchors, apply, event, type Item, item, items, saving } from './fixtures.js';
import type { Subject } from './storage.js';

export function describeLifetime(subject: Subject): void {
  describe('a database', () => {
    it('finds everything again when it is reopened: documents, keys, counts, log, epoch, floors, requests', async () => {
      const request = { caller: 'k', mutation: 'm', key: '1', hash: 'h', result: { id: 'a' } };
      const old = event('p', { retention: 'passing' });
      await apply(subject.store, { ...saving(item('a', { serial: 's1' })), events: [old, event('a')], request });
      await subject.store.prune({ before: '2027-01-01T00:00:00.000Z', upTo: 1, limit: 10 });
      const before = await subject.store.log.state();
      const store = await subject.reopen();
      expect(await store.log.state()).toEqual(before);
      expect((await store.getByKey(items, 'serial', ['s1']))?.id).toBe('a');
      expect(await store.counts(items, 'states', 'root')).toEqual([{ values: ['NEW'], count: 1 }]);
      expect(await store.request('k', 'm', '1')).toEqual(request);
      expect(await apply(store, { events: [event('b')] })).toBe(`${before.epoch}.3`);
      expect(await store.verify()).toEqual([]);
    });

    it('has keys and counters rebuilt when they are declared anew', async () => {
      const docs = Array.from({ length: 50 }, (_, index) =>
        item(`i${index}`, { rank: 50 - index, ancestors: ['root', `s${index % 3}`] }),
      );
      await apply(subject.store, saving(...docs));
      const changed = defineCollection<Item>({
        name: 'items',
        schema: items.schema,
        keys: { ranked: { paths: ['ancestors', 'rank'] }, name: { paths: ['name'], unique: true } },
        counters: { ranks: { at: 'ancestors', by: ['rank'] } },
      });
      const store = await subject.reopen([changed, anchors]);
      const page = await store.find(changed, { key: 'ranked', equals: ['s0'], limit: 2 });
      expect(page.items.map(({ rank }) => rank)).toEqual([2, 5]);
      expect((await store.getByKey(changed, 'name', ['i7']))?.id).toBe('i7');
      expect(await store.counts(changed, 'ranks', 's1')).toHaveLength(17);
      expect(await store.verify()).toEqual([]);
      await apply(store, saving(item('new', { rank: 4, ancestors: ['s0'] })));
      expect(await (await subject.reopen()).verify()).toEqual([]);
    });

    it('is not opened when stored documents do not fit a key that is now unique, and is as it was after', async () => {
      await apply(subject.store, saving(item('a', { name: 'same' }), item('b', { name: 'same' })));
      const strict = defineCollection<Item>({
        name: 'items',
        schema: items.schema,
        keys: { name: { paths: ['name'], unique: true } },
      });
      await expect(subject.reopen([strict])).rejects.toMatchObject({
        code: 'INVALID',
        message: expect.stringMatching(/key name/),
      });
      expect(await (await subject.reopen()).verify()).toEqual([]);
    });

    it('takes a new collection', async () => {
      const notes = defineCollection({
        name: 'notes',
        schema: new Schema({ text: String }),
        keys: { text: { paths: ['text'] } },
      });
      const store = await subject.reopen([items, anchors, notes]);
      await apply(store, { save: [{ collection: 'notes', doc: { id: 'n', version: 0 } }] });
      expect(await store.get(notes, 'n')).toEqual({ id: 'n', version: 1 });
    });

    it('answers everything that was asked before it is closed, and nothing after', async () => {
      const { store } = subject;
      const asked = Array.from({ length: 100 }, (_, index) =>
        store.commit({ ...saving(item(`i${index}`)), trusted: true }),
      );
      const closing = store.close();
      await expect(store.commit(saving(item('late')))).rejects.toMatchObject({ code: 'CLOSED' });
      const applied = (await Promise.all(asked)).filter(({ ok }) => ok).length;
      await closing;
      await expect(store.get(items, 'i1')).rejects.toMatchObject({ name: 'StoreError', code: 'CLOSED' });
      await expect(store.ping()).rejects.toMatchObject({ code: 'CLOSED' });
      await expect(store.log.state()).rejects.toMatchObject({ code: 'CLOSED' });
      await store.close();
      const again = await subject.reopen();
      expect(await again.counts(items, 'states', 'root')).toEqual([{ values: ['NEW'], count: applied }]);
    });

    it('answers a ping', async () => {
      await expect(subject.store.ping()).resolves.toBeUndefined();
    });

    it('that lets nobody in beside it refuses a second opener, who then may come when it is closed', async () => {
      if (!subject.store.exclusive) return;
      await expect(subject.second()).rejects.toMatchObject({ name: 'StoreError', code: 'LOCKED' });
      await subject.store.close();
      const second = await subject.second();
      expect(await second.log.state()).toMatchObject({ head: 0 });
      await second.close();
    });
  });
}
