import { ContentionError, decide, recall } from '@numberyard/kit/commands/decide';
import { defineCollection } from '@numberyard/kit/storage/collection';
import { hostile } from '@numberyard/kit/storage/hostile';
import { save, type Doc, type Store } from '@numberyard/kit/storage/port';
import { openTestStore } from '@numberyard/kit/testing/store';
import { Schema } from 'mongoose';
import { afterEach, describe, expect, it } from 'vitest';

interface Tally extends Doc {
  readonly count: number;
}
const tallies = defineCollection<Tally>({ name: 'tallies', schema: new Schema({ count: Number }) });

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(seed?: number): Promise<Store> {
  const opened = await openTestStore({ collections: [tallies], ...(seed !== undefined && { hostile: seed }) });
  closers.push(opened.close);
  return opened.store;
}

function addOne(store: Store) {
  return async () => {
    const doc = await store.get(tallies, 't');
    const count = (doc?.count ?? 0) + 1;
    return { value: count, commit: { save: [save(tallies, { id: 't', version: doc?.version ?? 0, count })] } };
  };
}

describe('decide', () => {
  it('decides anew after a conflict, so that of many rivals each has its effect once', async () => {
    const store = await open(7);
    const counts = await Promise.all(Array.from({ length: 20 }, () => decide(store, addOne(store))));
    expect(counts.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  it('commits nothing when the attempt decides to write nothing', async () => {
    const store = await open();
    expect(await decide(store, async () => ({ value: 'as it was' }))).toBe('as it was');
    expect((await store.log.state()).head).toBe(0);
  });

  it('tells the attempt how often it was tried before', async () => {
    const store = hostile(await open(), { seed: 1, conflictRate: 0, doorbell: 'normal' });
    const seen: number[] = [];
    const { commit } = store;
    store.commit = (wanted) =>
      seen.length < 3 ? Promise.resolve({ ok: false, conflicts: [{ kind: 'REQUEST' }] }) : commit(wanted);
    await decide(store, async (tries) => {
      seen.push(tries);
      return addOne(store)();
    });
    expect(seen).toEqual([0, 1, 2]);
  });

  it('gives up on an endless conflict with an error that names what changed', async () => {
    const store = hostile(await open(), { seed: 1, conflictRate: 1, doorbell: 'normal' });
    const problem = await decide(store, addOne(store)).catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(ContentionError);
    expect(String(problem)).toContain('tallies t');
  });

  it('stops when told to by what it is told of a conflict', async () => {
    const store = hostile(await open(), { seed: 1, conflictRate: 1, doorbell: 'normal' });
    let told = 0;
    const stopped = decide(store, addOne(store), () => {
      told += 1;
      throw new Error('lease lost');
    });
    await expect(stopped).rejects.toThrow('lease lost');
    expect(told).toBe(1);
  });

  it('passes on what an attempt throws, without another try', async () => {
    const store = await open();
    let tries = 0;
    const failed = decide(store, async () => {
      tries += 1;
      throw new Error('broken');
    });
    await expect(failed).rejects.toThrow('broken');
    expect(tries).toBe(1);
  });
});

describe('recall', () => {
  const request = { caller: 'k', mutation: 'add', key: '1', input: { a: 1, b: 2 } };

  it('knows a request again by its key, and refuses the key with another input', async () => {
    const store = await open();
    const first = await recall(store, request);
    if (first.state !== 'NEW') throw new Error('was never asked before');
    await store.commit({ request: first.record({ id: 'x' }) });
    expect(await recall(store, { ...request, input: { b: 2, a: 1 } })).toEqual({ state: 'DONE', result: { id: 'x' } });
    expect(await recall(store, { ...request, input: { a: 1 } })).toEqual({ state: 'OTHER' });
  });

  it.each([{ caller: 'other' }, { mutation: 'remove' }, { key: '2' }])('keeps %o apart', async (other) => {
    const store = await open();
    const first = await recall(store, request);
    if (first.state === 'NEW') await store.commit({ request: first.record(1) });
    expect((await recall(store, { ...request, ...other })).state).toBe('NEW');
  });

  it('gives twenty askers at once one effect and one answer', async () => {
    const store = await open(3);
    const ask = () =>
      decide(store, async () => {
        const known = await recall(store, request);
        if (known.state !== 'NEW') return { value: known.state === 'DONE' ? known.result : 'other' };
        const { value, commit } = await addOne(store)();
        return { value, commit: { ...commit, request: known.record(value) } };
      });
    expect(new Set(await Promise.all(Array.from({ length: 20 }, ask)))).toEqual(new Set([1]));
    expect((await store.get(tallies, 't'))?.count).toBe(1);
  });
});
