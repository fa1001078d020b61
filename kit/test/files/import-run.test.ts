import { setImmediate as turn } from 'node:timers/promises';
import { Schema } from 'mongoose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { toInstant } from '../../src/clock/clock.js';
import { forgetImports } from '../../src/files/forget-imports.js';
import { importCollections, imports, refusedLines } from '../../src/files/import-collections.js';
import type { ImportLine } from '../../src/files/import-lines.js';
import { runImport, type ImportNews, type ImportOptions, type ImportRules } from '../../src/files/import-run.js';
import { createLogger } from '../../src/logging/logger.js';
import { defineCollection } from '../../src/storage/collection.js';
import { save, type Doc } from '../../src/storage/port.js';
import { openTestStore, type TestStore } from '@numberyard/kit/testing/store';
import { TestClock } from '../../src/testing/test-clock.js';
import { waitUntil } from '../../src/testing/wait-until.js';
import { workerCollections } from '../../src/workers/collections.js';
import { answerFirst } from '../../src/workers/courtesy.js';
import { Leases } from '../../src/workers/leases.js';

interface Thing extends Doc {
  readonly size: number;
}
type Fields = { readonly name: string; readonly size: number };

const things = defineCollection<Thing>({ name: 'things', schema: new Schema({ size: Number }) });
const collections = [things, ...importCollections, ...workerCollections];

let clock: TestClock;
let opened: TestStore;
beforeEach(() => {
  clock = new TestClock();
});
afterEach(() => opened?.close());

/** Things by their names; those without size are refused. */
const rules: ImportRules<Fields, Fields> = {
  draft: (fields) =>
    fields.size > 0
      ? { draft: fields }
      : { problems: [{ code: 'REQUIRED', message: 'It has no size.', field: 'size' }] },
  namesOf: async ({ name }) => [{ id: name, field: 'name', what: 'name' }],
  async judge(drafts) {
    const known = await opened.store.getMany(
      things,
      drafts.map(({ name }) => name),
    );
    const fresh = drafts.filter((_, index) => !known[index]);
    return {
      verdicts: drafts.map((_, index) => (known[index] ? 'EXISTING' : 'CREATED')),
      commit: { save: fresh.map(({ name, size }) => save(things, { id: name, version: 0, size })) },
    };
  },
};

async function* lines(count: number, cutAfter = Infinity): AsyncGenerator<ImportLine<Fields>[]> {
  for (let from = 0; from < count; from += 100) {
    if (from >= cutAfter) throw new Error('cut');
    yield Array.from({ length: Math.min(100, count - from) }, (_, index) => {
      const line = from + index + 2;
      const fields = { name: line % 50 === 7 ? 'again' : `thing ${line}`, size: line % 100 };
      return { line, content: JSON.stringify(fields), given: { fields } };
    });
  }
}

const options = (key: string | undefined): ImportOptions => ({ key, node: undefined, existing: 'keep', form: 'csv' });

async function told(news: AsyncIterable<ImportNews>): Promise<ImportNews[]> {
  const all: ImportNews[] = [];
  for await (const each of news) all.push(each);
  return all;
}
const run = (key: string | undefined, some: AsyncIterable<ImportLine<Fields>[]>, caller = 'me') =>
  told(runImport({ store: opened.store, clock }, caller, options(key), rules, some));
const endOf = (news: readonly ImportNews[]) => news.filter((each) => !('progress' in each));

describe('an import and requests', () => {
  it('waits between two commits while one is being answered', async () => {
    opened = await openTestStore({ collections, clock });
    const { store } = opened;
    let answer: () => void = () => undefined;
    const answered = answerFirst(() => new Promise<void>((resolve) => (answer = resolve)));
    let judged = 0;
    const judge: typeof rules.judge = (drafts, now) => {
      judged += 1;
      return rules.judge(drafts, now);
    };
    let written: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (written = resolve));
    const commit = store.commit.bind(store);
    vi.spyOn(store, 'commit').mockImplementation((given) => commit(given).finally(written));
    // Its patience is not what is looked at.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const news = runImport({ store, clock }, 'me', options('k'), { ...rules, judge }, lines(1_200));
      const all = told(news);
      await first;
      for (let turns = 0; turns < 200; turns += 1) await turn();
      expect(judged).toBe(1);
      answer();
      await Promise.all([all, answered]);
      expect(judged).toBe(3);
    } finally {
      answer();
      vi.useRealTimers();
    }
  });
});

describe('an import', () => {
  beforeEach(async () => {
    opened = await openTestStore({ collections, clock, hostile: 3 });
  });

  it('ends with the same report, however often it was cut or left before', async () => {
    const dry = await run(undefined, lines(2_400));
    expect(await opened.store.get(things, 'thing 3')).toBeUndefined();
    for (const cutAfter of [100, 700, 700, 2_300])
      await expect(run('k', lines(2_400, cutAfter))).rejects.toThrow('cut');
    const left = runImport({ store: opened.store, clock }, 'me', options('k'), rules, lines(2_400));
    await left.next();
    await left.return(undefined);
    const end = await run('k', lines(2_400));
    expect(endOf(end).slice(0, -1)).toEqual(endOf(dry).slice(0, -1));
    // Of 48 lines with one name the first is taken; 24 have no size.
    const counts = { lines: 2_400, created: 2_329, updated: 0, existing: 0, refused: 71 };
    expect(end.at(-1)).toEqual({ summary: { ...counts, dryRun: false } });
    expect(dry.at(-1)).toEqual({ summary: { ...counts, dryRun: true } });
    expect(endOf(await run('k', lines(2_400)))).toEqual(endOf(end));
  });

  it('that several do at once under one key is done once', async () => {
    const all = await Promise.all([1, 2, 3].map(() => run('k', lines(1_700))));
    for (const each of all) expect(endOf(each)).toEqual(endOf(all[0] ?? []));
    expect(all[0]?.at(-1)).toMatchObject({ summary: { lines: 1_700, existing: 0 } });
  });

  it('under the key of another content is refused, and under that of another caller is another', async () => {
    await run('k', lines(600));
    const reused = { status: 409, code: 'IDEMPOTENCY_KEY_REUSED' };
    await expect(run('k', lines(500))).rejects.toMatchObject(reused);
    await expect(run('k', lines(700))).rejects.toMatchObject(reused);
    expect((await run('k', lines(700), 'you')).at(-1)).toMatchObject({ summary: { lines: 700, created: 97 } });
  });

  it('that judges another number of lines than it was given is a fault, and writes nothing', async () => {
    const broken = { ...rules, judge: async () => ({ verdicts: [], commit: {} }) };
    const news = runImport({ store: opened.store, clock }, 'me', options('k'), broken, lines(10));
    await expect(told(news)).rejects.toThrow('more or fewer');
    expect((await opened.store.find(imports, { key: 'byAge', limit: 10 })).items).toEqual([]);
  });

  it('tells of its progress', async () => {
    const progress = (await run('k', lines(11_000))).filter((each) => 'progress' in each);
    expect(progress).toMatchObject([{ progress: { line: 5_001 } }, { progress: { line: 10_001 } }]);
  });
});

it('what is kept of imports goes seven days after their last line, and not before', async () => {
  opened = await openTestStore({ collections, clock });
  await run('old', lines(1_200));
  clock.advance(6 * 86_400_000);
  await run('new', lines(100));
  clock.advance(86_400_000 + 1);
  const logger = createLogger('silent');
  const leases = new Leases({ store: opened.store, clock, logger });
  const loop = forgetImports({ store: opened.store, leases, clock, logger });
  loop.start();
  const left = async () => (await opened.store.find(imports, { key: 'byAge', limit: 10 })).items;
  await waitUntil('the old one to be forgotten', async () => (await left()).length === 1);
  await loop.drain();
  await leases.stop();
  const [kept] = await left();
  expect(kept?.updatedAt).toBe(toInstant(clock.now() - 86_400_000 - 1));
  const { items } = await opened.store.find(refusedLines, { key: 'byLine', equals: [kept?.id ?? ''], limit: 10 });
  expect(items.map(({ line }) => line)).toEqual([57, 100]);
});
