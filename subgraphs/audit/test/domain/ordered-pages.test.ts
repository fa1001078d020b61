import { randomFrom } from '@numberyard/kit/testing/random';
import { describe, expect, test } from 'vitest';
import { needsMore, nextKey, OrderedPages } from '../../src/domain/ordered-pages.js';

interface Item {
  readonly key: string;
  readonly tag: number;
}

/** A list of random keys, some several times, in pages of random size, some empty; positions are counts of items. */
function listOf(random: () => number, keys: number) {
  const items: Item[] = [];
  for (let key = 0; key < keys; key += 1) {
    const times = random() < 0.4 ? 0 : random() < 0.8 ? 1 : 1 + Math.floor(random() * 6);
    for (let tag = 0; tag < times; tag += 1) items.push({ key: String(key).padStart(4, '0'), tag });
  }
  const read = (after: string | undefined) => {
    const from = Number(after ?? 0);
    const page = items.slice(from, from + Math.floor(random() * 5));
    const to = from + page.length;
    return { items: page, ...(to < items.length && { after: String(to) }) };
  };
  return { items, read };
}

type Lists = readonly { readonly read: ReturnType<typeof listOf>['read']; readonly pages: OrderedPages<Item> }[];

/** Goes through the lists side by side until `stop` says so; answers what was taken and where to go on. */
function through(lists: Lists, stop: () => boolean) {
  const taken: [string, Item[][]][] = [];
  const afters = lists.map(({ pages }) => pages.position);
  for (;;) {
    const { head } = lists.map(({ pages }) => pages).sort(byHead)[0] ?? {};
    let isNew = false;
    for (const [index, { pages, read }] of lists.entries()) {
      while (!pages.isWhole && (head === undefined || needsMore(pages, head))) {
        const page = read(afters[index]);
        pages.add(page);
        afters[index] = page.after ?? afters[index];
        isNew = true;
        if (page.items.length > 0) break;
      }
    }
    const positions = lists.map(({ pages }) => pages.position);
    for (let key = next(lists); key !== undefined; key = next(lists)) {
      taken.push([key, lists.map(({ pages }) => pages.take(key ?? ''))]);
      isNew = true;
      if (stop()) return { taken, positions };
    }
    if (!isNew) return { taken, positions };
  }
}

const next = (lists: Lists) => nextKey(lists.map(({ pages }) => pages));
const byHead = (a: OrderedPages<Item>, b: OrderedPages<Item>) => ((a.head ?? '~') < (b.head ?? '~') ? -1 : 1);

describe('lists gone through side by side', () => {
  test.each(Array.from({ length: 200 }, (_, seed) => seed))(
    'give everything of each key together, in order, also when gone on with from a position (seed %i)',
    (seed) => {
      const random = randomFrom(seed);
      const lists = [0, 1, 2].map(() => listOf(random, 30));
      const keys = [...new Set(lists.flatMap(({ items }) => items.map(({ key }) => key)))].sort();
      const expected = keys.map((key) => [key, lists.map(({ items }) => items.filter((item) => item.key === key))]);
      const got: [string, Item[][]][] = [];
      let positions: (string | undefined)[] = [];
      for (let attempt = 0; attempt < 100; attempt += 1) {
        const last = got.at(-1)?.[0] ?? '';
        const opened = lists.map(({ read }, index) => ({
          read,
          pages: new OrderedPages<Item>(({ key }) => key, positions[index]),
        }));
        let isCut = false;
        const part = through(opened, () => (isCut = random() < 0.05));
        got.push(...part.taken.filter(([key]) => key > last));
        positions = part.positions;
        if (!isCut) break;
      }
      expect(got).toEqual(expected);
    },
  );

  test('hold a page or two however long the lists are', () => {
    const pages = new OrderedPages<Item>(({ key }) => key);
    for (let page = 0; page < 100; page += 1) {
      const items = Array.from({ length: 10 }, (_, index) => ({
        key: String(page * 10 + index).padStart(4, '0'),
        tag: 0,
      }));
      pages.add({ items, after: String(page + 1) });
      for (let key = nextKey([pages]); key !== undefined; key = nextKey([pages])) pages.take(key);
      // One is left, of which there may be more on the next page.
      expect(pages.position).toBe(page === 0 ? undefined : String(page));
      expect(pages.head).toBe(pages.last);
    }
  });
});
