import { describe, expect, it } from 'vitest';
import { Gatherer } from '../../../src/storage/mongo/gather.js';
import type { Stored } from '../../../src/storage/mongo/documents.js';
import { PAGE_LIMIT } from '../../../src/storage/port.js';

/** Every id but those that begin with `no` exists. */
function gatherer() {
  const queries: (readonly string[])[] = [];
  const query = async (ids: readonly string[]): Promise<Stored[]> => {
    queries.push(ids);
    return ids.filter((id) => !id.startsWith('no')).map((_id) => ({ _id, version: 1, list: [] }));
  };
  return { queries, documents: new Gatherer(query) };
}

describe('documents asked for by id', () => {
  it('in the same turn are one query, answered to each in its own order', async () => {
    const { queries, documents } = gatherer();
    const answers = await Promise.all([
      documents.get(['b', 'a']),
      documents.get(['none']),
      documents.get(['a', 'c', 'a']),
    ]);
    expect(answers.map((found) => found.map((stored) => stored?._id))).toEqual([
      ['b', 'a'],
      [undefined],
      ['a', 'c', 'a'],
    ]);
    expect(queries).toEqual([['b', 'a', 'none', 'c']]);
    await documents.get(['a']);
    expect(queries).toHaveLength(2);
  });

  it('are given to two askers as objects of their own', async () => {
    const { documents } = gatherer();
    const [[one], [two]] = await Promise.all([documents.get(['a']), documents.get(['a'])]);
    expect(one).toEqual(two);
    expect(one?.['list']).not.toBe(two?.['list']);
  });

  it('beyond a page are several queries, and whoever asks for a whole page gets one', async () => {
    const { queries, documents } = gatherer();
    const ids = (from: number, count: number) => Array.from({ length: count }, (_, index) => `i${from + index}`);
    const answers = await Promise.all([
      documents.get(ids(0, 600)),
      documents.get(ids(600, 600)),
      documents.get(ids(0, PAGE_LIMIT)),
    ]);
    expect(answers.map((found) => found.filter((stored) => stored).length)).toEqual([600, 600, PAGE_LIMIT]);
    expect(queries.map(({ length }) => length)).toEqual([600, 600, PAGE_LIMIT]);
  });

  it('fail for all who asked together, and not for those who come later', async () => {
    let broken = true;
    const documents = new Gatherer(async () => {
      if (broken) throw new Error('gone');
      return [];
    });
    const both = await Promise.allSettled([documents.get(['a']), documents.get(['b'])]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    broken = false;
    expect(await documents.get(['a'])).toEqual([undefined]);
  });
});
