import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply, conflictsOf, type Item, item, items, saving } from './fixtures.js';
import type { Subject } from './storage.js';

/** Hundreds of rounds of commits, each counted anew. */
const SLOW = { timeout: 180_000 };

export function describeCounters(subject: Subject): void {
  describe('a counter', () => {
    const counts = async (counter: string, group: string) => {
      const found = await subject.store.counts(items, counter, group);
      return Object.fromEntries(found.map(({ values, count }) => [values.join('/'), count]));
    };

    it('counts at every element of its group path and leaves zeros out', async () => {
      const { store } = subject;
      await apply(store, saving(item('a', { ancestors: ['root', 'east'] }), item('b'), item('c', { state: 'DONE' })));
      expect([await counts('states', 'root'), await counts('states', 'east')]).toEqual([
        { NEW: 2, DONE: 1 },
        { NEW: 1 },
      ]);
      await apply(store, saving(item('c', { version: 1, state: 'OPEN', ancestors: ['east'] })));
      expect([await counts('states', 'root'), await counts('states', 'east')]).toEqual([
        { NEW: 2 },
        { NEW: 1, OPEN: 1 },
      ]);
      await apply(store, { remove: [{ collection: 'items', id: 'c', version: 2 }] });
      expect(await counts('states', 'east')).toEqual({ NEW: 1 });
    });

    it('counts each element of an array it counts by, and nothing where a path is missing', async () => {
      const { store } = subject;
      await apply(store, saving(item('a', { tags: ['t1', 't2'] }), item('b', { tags: [] }), item('c')));
      expect(await counts('tagged', 'root')).toEqual({ 'NEW/t1': 1, 'NEW/t2': 1 });
    });

    it('tells its counts in the order of their values, whatever came first', async () => {
      const { store } = subject;
      await apply(store, saving(item('a', { state: 'OPEN', tags: ['t2'] })));
      await apply(store, saving(item('b', { state: 'NEW', tags: ['t3', 't1'] })));
      const found = await store.counts(items, 'tagged', 'root');
      expect(found.map(({ values }) => values)).toEqual([
        ['NEW', 't1'],
        ['NEW', 't3'],
        ['OPEN', 't2'],
      ]);
    });

    it('is refused when the collection has no such counter', async () => {
      await expect(subject.store.counts(items, 'none', 'root')).rejects.toMatchObject({ code: 'INVALID' });
    });

    it('agrees with a recount, and every key with its documents, after any commits in any grouping', SLOW, async () => {
      const doc = fc.record({
        id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        state: fc.constantFrom('NEW', 'OPEN', 'DONE'),
        ancestors: fc.subarray(['root', 'east', 'west']),
        serial: fc.option(fc.constantFrom('s1', 's2', 's3'), { nil: undefined }),
        tags: fc.option(fc.subarray(['t1', 't2', 't3']), { nil: undefined }),
        gone: fc.boolean(),
      });
      const commit = fc.uniqueArray(doc, { selector: ({ id }) => id, minLength: 1, maxLength: 3 });
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(commit, { minLength: 1, maxLength: 6 }), { maxLength: 8 }),
          async (rounds) => {
            const { store } = subject;
            for (const commits of rounds) {
              // Asked for at once they share a group; each is judged on what the ones before it left.
              await Promise.all(commits.map((docs) => tryCommit(docs)));
            }
            expect(await store.verify()).toEqual([]);
          },
        ),
        { numRuns: 40 },
      );
    });

    async function tryCommit(
      docs: readonly { id: string; gone: boolean; serial: string | undefined; tags: string[] | undefined }[],
    ) {
      const known = await subject.store.getMany(
        items,
        docs.map(({ id }) => id),
      );
      const save: Item[] = [];
      const remove: { collection: string; id: string; version: number }[] = [];
      for (const [index, { gone, serial, tags, ...values }] of docs.entries()) {
        const version = known[index]?.version ?? 0;
        if (gone && version > 0) remove.push({ collection: 'items', id: values.id, version });
        else save.push(item(values.id, { ...values, version, ...(serial && { serial }), ...(tags && { tags }) }));
      }
      await conflictsOf(subject.store, { ...saving(...save), remove });
    }
  });
}
