import { describe, expect, test } from 'vitest';
import { ListingCheck } from '../../src/domain/listing-check.js';
import { SeenIds } from '../../src/domain/seen-ids.js';

const items = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `u${from + index}` }));

describe('a listing', () => {
  test('is complete when its pages follow one another and name as many as they say', () => {
    const check = new ListingCheck();
    expect(check.page({ items: items(0, 2), total: 3, offset: 0 })).toHaveLength(2);
    check.page({ items: items(2, 1), total: 3, offset: 2 });
    expect(check.problem()).toBeUndefined();
  });

  test('without anybody is complete', () => {
    const check = new ListingCheck();
    check.page({ items: [], total: 0, offset: 0 });
    expect(check.problem()).toBeUndefined();
    expect(check.isEmpty).toBe(true);
  });

  test.each([
    [
      'leaves a gap',
      [
        { items: items(0, 1), total: 3, offset: 0 },
        { items: items(2, 1), total: 3, offset: 2 },
      ],
      'follow',
    ],
    [
      'changes its total',
      [
        { items: items(0, 1), total: 2, offset: 0 },
        { items: items(1, 1), total: 3, offset: 1 },
      ],
      'total',
    ],
    [
      'names somebody twice',
      [
        { items: items(0, 1), total: 2, offset: 0 },
        { items: items(0, 1), total: 2, offset: 1 },
      ],
      'twice',
    ],
    ['ends early', [{ items: items(0, 1), total: 2, offset: 0 }], 'there are 2'],
    ['names more than it says', [{ items: items(0, 3), total: 2, offset: 0 }], 'there are 2'],
  ])('that %s is not', (_what, pages, reason) => {
    const check = new ListingCheck();
    for (const page of pages) check.page(page);
    expect(check.problem()).toContain(reason);
  });

  test('hands each user out once', () => {
    const check = new ListingCheck();
    check.page({ items: items(0, 3), total: 6, offset: 0 });
    expect(check.page({ items: items(1, 3), total: 6, offset: 3 })).toEqual([{ id: 'u3' }]);
  });
});

test('300,000 ids that differ in one character are all told apart', () => {
  const seen = new SeenIds();
  for (let index = 0; index < 300_000; index += 1) seen.add(`user-${index}`);
  expect(seen.size).toBe(300_000);
  expect(seen.add('user-299999')).toBe(false);
  expect(seen.has('user-12345')).toBe(true);
  const strangers = Array.from({ length: 300_000 }, (_, index) => `user-${300_000 + index}`);
  expect(strangers.filter((id) => seen.has(id))).toEqual([]);
  expect(seen.has('')).toBe(false);
});
