import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DOCUMENT_COST, EXAMINE_LIMIT, type Find, type Page } from '@numberyard/kit/storage/port';
import { apply, type Item, item, items, saving } from './fixtures.js';
import type { Subject } from './storage.js';

/** Which of many documents alone passes a filter: not on the first page, whatever is filtered by. */
const RARE = EXAMINE_LIMIT + 5_000;

export function describeFind(subject: Subject): void {
  const fill = async (...docs: Item[]) => {
    for (let from = 0; from < docs.length; from += 1_000) {
      await apply(subject.store, { ...saving(...docs.slice(from, from + 1_000)), trusted: true });
    }
  };
  const ids = async (find: Omit<Find, 'limit'>, limit = 1_000) =>
    (await subject.store.find(items, { ...find, limit })).items.map(({ id }) => id);

  /** Every page of a find, to its end. */
  const pages = async (find: Find): Promise<Page<Item>[]> => {
    const all: Page<Item>[] = [];
    for (let after = find.after; ; after = all.at(-1)?.after) {
      all.push(await subject.store.find(items, { ...find, ...(after && { after }) }));
      if (!all.at(-1)?.after) return all;
    }
  };

  describe('a find', () => {
    it('comes in the order of the bytes of its strings, not of their UTF-16 units or of a language', async () => {
      const names = ['a', 'B', 'Z', 'ä', 'Ω', '\uFB01', '😀', '', 'aa', 'a b', '~', '\u{10FFFF}'];
      await fill(...names.map((name, index) => item(`i${index}`, { name })));
      const sorted = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      const page = await subject.store.find(items, { key: 'name', limit: 100 });
      expect(page.items.map(({ name }) => name)).toEqual(sorted);
      const back = await subject.store.find(items, { key: 'name', limit: 100, descending: true });
      expect(back.items.map(({ name }) => name)).toEqual(sorted.toReversed());
    });

    it('comes in the order of numbers by value', async () => {
      const ranks = [10, 9, -1, 0, 100, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
      await fill(...ranks.map((rank, index) => item(`i${index}`, { rank })));
      const page = await subject.store.find(items, { key: 'rank', limit: 100 });
      expect(page.items.map(({ rank }) => rank)).toEqual(ranks.toSorted((a, b) => a - b));
    });

    it.each([
      ['gte and lt', { gte: 'b', lt: 'd' }, ['b', 'c']],
      ['gt and lte', { gt: 'b', lte: 'd' }, ['c', 'd']],
      ['both lower bounds', { gte: 'b', gt: 'b' }, ['c', 'd', 'da', 'e']],
      ['nothing between', { gt: 'b', lt: 'b' }, []],
      ['an upper bound only', { lt: 'b' }, ['a']],
      ['a prefix', { prefix: 'd' }, ['d', 'da']],
      ['the empty prefix', { prefix: '' }, ['a', 'b', 'c', 'd', 'da', 'e']],
      ['in, in key order and each once', { in: ['e', 'a', 'zz', 'c', 'a'] }, ['a', 'c', 'e']],
      ['an empty in', { in: [] }, []],
      ['a range of the other type', { gte: 1 }, []],
      ['a range from one type to the other', { gte: 1, lt: 'z' }, []],
    ] satisfies [string, Find['next'], string[]][])(
      'restricts the path after equals by %s, both ways',
      async (_, next, found) => {
        await fill(
          ...['e', 'da', 'd', 'c', 'b', 'a'].map((name) => item(name)),
          item('other', { ancestors: ['west'] }),
        );
        expect(await ids({ key: 'placeByName', equals: ['root'], next })).toEqual(found);
        expect(await ids({ key: 'placeByName', equals: ['root'], next, descending: true })).toEqual(found.toReversed());
        const one = await pages({ key: 'placeByName', equals: ['root'], next, limit: 1 });
        expect(one.flatMap((page) => page.items.map(({ id }) => id))).toEqual(found);
        const back = await pages({ key: 'placeByName', equals: ['root'], next, limit: 2, descending: true });
        expect(back.flatMap((page) => page.items.map(({ id }) => id))).toEqual(found.toReversed());
      },
    );

    it.each([
      ['a value', { state: 'DONE' }, ['b', 'c']],
      ['an element of an array', { tags: 't3' }, ['c']],
      ['in over an array', { tags: { in: ['t3', 't1'] } }, ['a', 'c']],
      ['another ancestor than the one that is fixed', { ancestors: 'east' }, ['b', 'd']],
      ['a boolean', { hidden: true }, ['d']],
      ['a range', { rank: { gte: 2, lt: 4 } }, ['b', 'c']],
      ['a range of the other type', { rank: { gte: '2' } }, []],
      ['a range from one type to the other', { rank: { gte: 2, lt: 'z' } }, []],
      ['a prefix', { note: { prefix: 'old' } }, ['a']],
      ['existence', { note: { exists: true } }, ['a', 'c']],
      ['absence, of null too', { note: { exists: false } }, ['b', 'd']],
      ['several at once', { state: 'DONE', rank: { gt: 2 } }, ['c']],
    ] satisfies [string, Find['where'], string[]][])('filters by %s', async (_, where, found) => {
      await fill(
        item('a', { tags: ['t1'], rank: 1, note: 'old one' }),
        item('b', { state: 'DONE', rank: 2, note: null, ancestors: ['root', 'east'] }),
        item('c', { state: 'DONE', rank: 3, tags: ['t2', 't3'], note: 'new' }),
        item('d', { rank: 4, hidden: true, ancestors: ['root', 'east'] }),
      );
      for (const key of ['place', 'placeByName']) {
        expect((await ids({ key, equals: ['root'], where })).toSorted()).toEqual(found);
      }
    });

    it('pages say where each item stands, and go on from any of them, both ways', async () => {
      const all = Array.from({ length: 25 }, (_, index) => item(`i${index}`, { name: `n${index % 5}` }));
      await fill(...all);
      const whole = await subject.store.find(items, { key: 'name', limit: 100 });
      expect(whole.after).toBeUndefined();
      expect(whole.positions).toHaveLength(25);
      for (const [index, after] of whole.positions.entries()) {
        expect(await ids({ key: 'name', after })).toEqual(whole.items.slice(index + 1).map(({ id }) => id));
        const before = whole.items.slice(0, index).map(({ id }) => id);
        expect(await ids({ key: 'name', after, descending: true })).toEqual(before.toReversed());
      }
    });

    it('shows what was there from the first page to the last once, whatever is written between the pages', async () => {
      await fill(...Array.from({ length: 60 }, (_, index) => item(`m${String(index).padStart(2, '0')}`)));
      for (const descending of [false, true]) {
        const seen: string[] = [];
        let round = 0;
        let after: Find['after'];
        do {
          const page = await subject.store.find(items, { key: 'name', limit: 7, descending, ...(after && { after }) });
          seen.push(...page.items.map(({ id }) => id));
          const extra = `${descending ? 'down' : 'up'}${round}`;
          await fill(item(`a-${extra}`), item(`m30-${extra}`), item(`z-${extra}`));
          ({ after } = page);
          round += 1;
        } while (after);
        expect(new Set(seen).size).toBe(seen.length);
        const lasting = seen.filter((id) => /^m\d\d$/.test(id));
        expect(descending ? lasting.toReversed() : lasting).toHaveLength(60);
        expect(lasting).toEqual(descending ? lasting.toSorted().toReversed() : lasting.toSorted());
      }
    });

    it('agrees with a plain filter and sort of the documents, page by page, whatever is asked', async () => {
      const docs = Array.from({ length: 120 }, (_, index) =>
        item(`i${index}`, {
          name: `n${(index * 7) % 11}`,
          state: ['NEW', 'OPEN', 'DONE'][index % 3]!,
          ancestors: ['root', `s${index % 4}`],
          ...(index % 5 > 0 && { rank: index % 9 }),
        }),
      );
      await fill(...docs);
      const condition = fc.oneof(
        fc.record({ gte: fc.constantFrom('DONE', 'NEW', 'P') }),
        fc.record({ gt: fc.constantFrom('DONE', 'NEW'), lte: fc.constantFrom('NEW', 'OPEN', 'Z') }),
        fc.record({ in: fc.subarray(['NEW', 'OPEN', 'DONE', 'NONE']) }),
        fc.record({ prefix: fc.constantFrom('N', 'O', '') }),
      );
      const question = fc.record({
        node: fc.constantFrom('root', 's1', 's3', 'nowhere'),
        next: fc.option(condition, { nil: undefined }),
        name: fc.option(fc.constantFrom('n1', 'n4'), { nil: undefined }),
        rank: fc.option(fc.record({ lt: fc.integer({ min: 0, max: 9 }) }), { nil: undefined }),
        descending: fc.boolean(),
        limit: fc.integer({ min: 1, max: 40 }),
      });
      await fc.assert(
        fc.asyncProperty(question, async ({ node, next, name, rank, descending, limit }) => {
          const find: Find = {
            key: 'place',
            equals: [node],
            ...(next && { next }),
            where: { ...(name && { name }), ...(rank && { rank }) },
            descending,
            limit,
          };
          const found = (await pages(find)).flatMap((page) => page.items.map(({ id }) => id));
          const wanted = docs
            .filter((doc) => doc.ancestors.includes(node) && (!name || doc.name === name))
            .filter((doc) => !rank || (doc.rank !== undefined && doc.rank < rank.lt))
            .filter(({ state }) => !next || allows(next, state))
            .map((doc) => ({ order: `${doc.state}\u0000${doc.name}\u0000${doc.id}`, id: doc.id }))
            .sort((a, b) => (a.order < b.order ? -1 : 1))
            .map(({ id }) => id);
          expect(found).toEqual(descending ? wanted.toReversed() : wanted);
        }),
        { numRuns: 150 },
      );
    });

    it.each([
      ['on the document', { note: 'needle' }, EXAMINE_LIMIT / DOCUMENT_COST],
      ['on the key itself', { name: `n${RARE}` }, EXAMINE_LIMIT],
      ['on both', { name: { gte: 'n' }, note: 'needle' }, EXAMINE_LIMIT / DOCUMENT_COST],
    ])('examines a bounded number of entries for a rare filter %s, and says there is more', async (_, where, most) => {
      const count = RARE + 1_000;
      await fill(
        ...Array.from({ length: count }, (__, index) =>
          item(`i${index}`, {
            name: `n${String(index).padStart(5, '0')}`,
            ...(index === RARE && { note: 'needle' }),
          }),
        ),
      );
      const found = await pages({ key: 'name', where, limit: 10 });
      expect(found.length).toBe(Math.ceil(count / most));
      expect(found.map((page) => page.items.length)).toEqual(
        found.map((__, page) => (page === Math.floor(RARE / most) ? 1 : 0)),
      );
      const last = String(most - 1);
      expect(found[0]?.after).toEqual([`n${last.padStart(5, '0')}`, `i${last}`]);
    });

    it.each([
      ['an unknown key', { key: 'none', limit: 1 }],
      ['no limit', { key: 'name', limit: 0 }],
      ['more than a page', { key: 'name', limit: 1_001 }],
      ['more values than paths', { key: 'name', equals: ['a', 'b'], limit: 1 }],
      ['a next behind the last path', { key: 'name', equals: ['a'], next: { prefix: 'b' }, limit: 1 }],
      ['a path of arrays left open', { key: 'placeByName', limit: 1 }],
      ['a range over a path of arrays', { key: 'placeByName', next: { prefix: 'r' }, limit: 1 }],
      ['a position of another key', { key: 'name', after: ['a', 'b', 'c'], limit: 1 }],
      ['a position outside of equals', { key: 'placeByName', equals: ['root'], after: ['west', 'b', 'c'], limit: 1 }],
      [
        'an in of more than 500',
        { key: 'name', next: { in: Array.from({ length: 501 }, (_, index) => index) }, limit: 1 },
      ],
    ] satisfies [string, Find][])('is thrown back INVALID for %s', async (_, find) => {
      await expect(subject.store.find(items, find)).rejects.toMatchObject({ name: 'StoreError', code: 'INVALID' });
    });
  });
}

/** A second, naive reading of the conditions. */
function allows(
  next: { gte?: string; gt?: string; lte?: string; in?: readonly string[]; prefix?: string },
  value: string,
): boolean {
  if (next.in) return next.in.includes(value);
  if (next.prefix !== undefined) return value.startsWith(next.prefix);
  const { gte = '', lte = '\u{10FFFF}', gt } = next;
  return value >= gte && value <= lte && (gt === undefined || value > gt);
}
