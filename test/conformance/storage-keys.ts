import { describe, expect, it } from 'vitest';
import { apply, conflictsOf, item, items, saving } from './fixtures.js';
import type { Subject } from './storage.js';

export function describeKeys(subject: Subject): void {
  describe('a key', () => {
    const namesAt = async (node: string) => {
      const page = await subject.store.find(items, { key: 'placeByName', equals: [node], limit: 100 });
      return page.items.map(({ name }) => name);
    };

    it('has an entry for each element of an array, once however often it stands there', async () => {
      await apply(subject.store, saving(item('a', { ancestors: ['root', 'east', 'east'] }), item('b')));
      expect(await namesAt('east')).toEqual(['a']);
      expect(await namesAt('root')).toEqual(['a', 'b']);
      expect(await subject.store.verify()).toEqual([]);
    });

    it('is asked for one document with strings and safe integers only', async () => {
      await apply(subject.store, saving(item('a')));
      for (const value of [undefined, null, 1.5, { $gt: '' }] as unknown[] as string[]) {
        await expect(subject.store.getByKey(items, 'serial', [value])).rejects.toMatchObject({ code: 'INVALID' });
      }
    });

    it('follows a document that moves, is renamed and is removed', async () => {
      const { store } = subject;
      await apply(store, saving(item('a', { ancestors: ['root', 'east'] })));
      await apply(store, saving(item('a', { version: 1, name: 'z', ancestors: ['root', 'west'] })));
      expect([await namesAt('root'), await namesAt('east'), await namesAt('west')]).toEqual([['z'], [], ['z']]);
      await apply(store, { remove: [{ collection: 'items', id: 'a', version: 2 }] });
      expect([await namesAt('root'), await namesAt('west')]).toEqual([[], []]);
      expect(await store.verify()).toEqual([]);
    });

    it.each([
      ['missing', {}],
      ['null', { serial: null as never, rank: null as never }],
      ['an empty array', { tags: [], ancestors: [] }],
    ])('leaves a document out whose path is %s', async (_, values) => {
      const { store } = subject;
      await apply(store, { ...saving(item('a', values), item('b', values)), trusted: true });
      for (const key of ['serial', 'rank']) expect((await store.find(items, { key, limit: 10 })).items).toEqual([]);
      expect(await store.verify()).toEqual([]);
    });

    it.each([
      ['a string where the schema has a number', { rank: '7' as never }],
      ['a number where it has a string', { serial: 7 as never }],
      ['an array where it has a string', { serial: ['s1'] as never }],
      ['nothing within an array', { tags: ['x', null as never] }],
    ])('takes no document with %s, checked or trusted', async (_, values) => {
      const commit = { ...saving(item('a', values)), trusted: true };
      await expect(subject.store.commit(commit)).rejects.toMatchObject({ name: 'StoreError', code: 'INVALID' });
    });

    it('that is unique refuses a second holder and names it', async () => {
      const { store } = subject;
      await apply(store, saving(item('a', { serial: 's1' })));
      const taken = [{ kind: 'TAKEN', collection: 'items', id: 'b', key: 'serial' }];
      expect(await conflictsOf(store, saving(item('b', { serial: 's1' })))).toEqual(taken);
      await apply(store, saving(item('b', { serial: 's2' })));
      expect(await conflictsOf(store, saving(item('b', { version: 1, serial: 's1' })))).toEqual(taken);
      expect((await store.getByKey(items, 'serial', ['s1']))?.id).toBe('a');
    });

    it('that is unique refuses two holders within one commit', async () => {
      const commit = saving(item('a', { serial: 's1' }), item('b', { serial: 's1' }));
      expect(await conflictsOf(subject.store, commit)).toEqual([
        { kind: 'TAKEN', collection: 'items', id: 'b', key: 'serial' },
      ]);
      expect(await subject.store.get(items, 'a')).toBeUndefined();
    });

    it('that is unique over an array refuses each element that is taken', async () => {
      const { store } = subject;
      await apply(store, saving(item('a', { tags: ['x', 'y'] })));
      expect(await conflictsOf(store, saving(item('b', { tags: ['z', 'y'] })))).toMatchObject([
        { kind: 'TAKEN', key: 'tag' },
      ]);
      expect(await store.getByKey(items, 'tag', ['z'])).toBeUndefined();
      expect((await store.getByKey(items, 'tag', ['y']))?.id).toBe('a');
    });

    it('that is unique lets two documents exchange their values in one commit, and a value go on when its holder is removed', async () => {
      const { store } = subject;
      await apply(store, saving(item('a', { serial: 's1' }), item('b', { serial: 's2' })));
      await apply(store, saving(item('a', { version: 1, serial: 's2' }), item('b', { version: 1, serial: 's1' })));
      expect((await store.getByKey(items, 'serial', ['s1']))?.id).toBe('b');
      await apply(store, {
        ...saving(item('c', { serial: 's1' })),
        remove: [{ collection: 'items', id: 'b', version: 2 }],
      });
      expect((await store.getByKey(items, 'serial', ['s1']))?.id).toBe('c');
      expect(await store.verify()).toEqual([]);
    });

    it('tells digits in a string from a number', async () => {
      const { store } = subject;
      await apply(store, saving(item('a', { serial: '0049', name: '49', rank: 49 }), item('b', { serial: '49' })));
      expect((await store.getByKey(items, 'serial', ['0049']))?.id).toBe('a');
      expect((await store.getByKey(items, 'serial', ['49']))?.id).toBe('b');
      expect(await store.getByKey(items, 'serial', [49])).toBeUndefined();
      expect((await store.find(items, { key: 'rank', equals: ['49'], limit: 5 })).items).toEqual([]);
      expect((await store.find(items, { key: 'rank', equals: [49], limit: 5 })).items).toHaveLength(1);
    });

    it('is asked for by all values of a unique key only', async () => {
      await expect(subject.store.getByKey(items, 'name', ['a'])).rejects.toMatchObject({ code: 'INVALID' });
      await expect(subject.store.getByKey(items, 'serial', [])).rejects.toMatchObject({ code: 'INVALID' });
    });
  });
}
