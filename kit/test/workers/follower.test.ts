import { systemClock } from '@numberyard/kit/clock/system-clock';
import type { NewEvent, Retention } from '@numberyard/kit/log/event';
import { createLogger } from '@numberyard/kit/logging/logger';
import { defineCollection } from '@numberyard/kit/storage/collection';
import { hostile } from '@numberyard/kit/storage/hostile';
import { save, StoreError, type Commit, type Doc, type Store } from '@numberyard/kit/storage/port';
import { randomFrom } from '@numberyard/kit/testing/random';
import { openTestStore } from '@numberyard/kit/testing/store';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { workerCollections } from '@numberyard/kit/workers/collections';
import { Follower, type FollowerOptions } from '@numberyard/kit/workers/follower';
import { Leases } from '@numberyard/kit/workers/leases';
import { Schema } from 'mongoose';
import { afterEach, describe, expect, it } from 'vitest';

/** What was applied: how many, in which order. */
interface Applied extends Doc {
  readonly positions: readonly number[];
}
const applied = defineCollection<Applied>({ name: 'applied', schema: new Schema({ positions: [Number] }) });
const logger = createLogger('silent');

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(name: string): Promise<Store> {
  const { store, close } = await openTestStore({ name, collections: [applied, ...workerCollections] });
  closers.push(close);
  return store;
}

function occur(source: Store, type: string, times = 1, retention: Retention = 'history') {
  const event: NewEvent = {
    type,
    retention,
    entity: 'Thing:1',
    path: 'p',
    actor: { type: 'WORKER', id: 'test' },
    time: '2026-01-01T00:00:00.000Z',
    fields: {},
  };
  return source.commit({ events: Array.from({ length: times }, () => event) });
}

/** Follows `Wanted` events and notes the positions it has applied, in one growing document: one applied twice would show. */
function follow(source: Pick<Store, 'log'>, own: Store, more: Partial<FollowerOptions> = {}): Follower {
  const follower = new Follower({
    source: 'source',
    log: source.log,
    types: ['Wanted'],
    store: own,
    leases: new Leases({ store: own, clock: systemClock, logger }),
    clock: systemClock,
    logger,
    async apply(events): Promise<Commit> {
      const doc = await own.get(applied, 'a');
      const positions = [...(doc?.positions ?? []), ...events.map((event) => event.position)];
      return { save: [save(applied, { id: 'a', version: doc?.version ?? 0, positions })] };
    },
    ...more,
  });
  closers.push(() => follower.drain());
  return follower;
}

const positionsIn = async (own: Store) => (await own.get(applied, 'a'))?.positions ?? [];
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('a follower', () => {
  it('applies what was there before it and what comes, in order', async () => {
    const [source, own] = [await open('source'), await open('own')];
    await occur(source, 'Wanted', 250);
    const follower = follow(source, own, { batch: 100 });
    follower.start();
    expect(await follower.reach(10_000)).toBe(true);
    await occur(source, 'Wanted', 5);
    expect(await follower.reach(10_000)).toBe(true);
    expect(await positionsIn(own)).toEqual(upTo(255));
    expect(await follower.position()).toBe(255);
  });

  it.each([11, 12, 13])(
    'applies each event once though commits conflict, bells ring late and its process dies between commit and answer (seed %i)',
    async (seed) => {
      const [source, own] = [await open('source'), await open('own')];
      const random = randomFrom(seed);
      const total = 60;
      const bad = { seed, conflictRate: 0.3, doorbell: 'late' } as const;
      const hostileSource = hostile(source, { ...bad, conflictRate: 0 });
      const writing = (async () => {
        for (let n = 0; n < total; n += 1) await occur(source, 'Wanted');
      })();
      let deaths = 0;
      while ((await positionsIn(own)).length < total) {
        const mortal = hostile(own, { ...bad, seed: seed + deaths, dieAt: 1 + Math.floor(random() * 8) });
        // A short term: what matters is what the dead left behind, not how long they are waited for.
        const leases = new Leases({ store: mortal, clock: systemClock, logger, termMs: 500 });
        const follower = follow(hostileSource, mortal, { batch: 7, leases });
        follower.start();
        await waitUntil('the work done or the process dead', async () => {
          const dead = await mortal.ping().then(
            () => false,
            () => true,
          );
          return dead || (await positionsIn(own)).length >= total;
        });
        await follower.drain();
        deaths += 1;
      }
      await writing;
      expect(await positionsIn(own)).toEqual(upTo(total));
      expect(deaths).toBeGreaterThan(1);
    },
  );

  it('does other work between two batches and never beside one, before it says how far it is', async () => {
    const [source, own] = [await open('source'), await open('own')];
    await occur(source, 'Wanted', 30);
    let beside = 0;
    const during: number[] = [];
    const work = async () => {
      beside += 1;
      during.push(beside);
      await new Promise((resolve) => setImmediate(resolve));
      beside -= 1;
    };
    const follower = follow(source, own, {
      batch: 10,
      between: work,
      async apply() {
        await work();
        return undefined;
      },
    });
    follower.start();
    expect(await follower.reach(10_000)).toBe(true);
    expect(during.length).toBeGreaterThanOrEqual(6);
    expect(during.every((many) => many === 1)).toBe(true);
  });

  it('does not apply events again whose commit was said to have failed and came through later', async () => {
    const [source, own] = [await open('source'), await open('own')];
    await occur(source, 'Wanted', 3);
    const slow = hostile(own, { seed: 1, conflictRate: 0, doorbell: 'normal' });
    const { commit } = slow;
    let late: Commit | undefined;
    slow.commit = async (wanted) => {
      const effect = wanted.save?.some((one) => one.collection === applied.name);
      if (effect && !late) {
        late = wanted;
        throw new StoreError('UNAVAILABLE', 'no answer');
      }
      // Comes through after the next attempt has read, and before that one is committed.
      if (effect && late) await commit(late);
      return commit(wanted);
    };
    const follower = follow(source, slow);
    follower.start();
    expect(await follower.reach(10_000)).toBe(true);
    await occur(source, 'Wanted');
    expect(await follower.reach(10_000)).toBe(true);
    expect(await positionsIn(own)).toEqual([1, 2, 3, 4]);
  });

  it('has reached the head though nothing up to it is of interest, in a process that does not follow as well', async () => {
    const [source, own] = [await open('source'), await open('own')];
    await occur(source, 'Other', 300);
    const follower = follow(source, own);
    expect(await follower.reach(0)).toBe(true);
    follower.start();
    expect(await follower.reach(10_000)).toBe(true);
    expect(await positionsIn(own)).toEqual([]);
  });

  it('says that it has not reached what it has not applied, and that it has reached what lies before', async () => {
    const [source, own] = [await open('source'), await open('own')];
    await occur(source, 'Other', 5);
    await occur(source, 'Wanted');
    const idle = follow(source, own);
    expect(await idle.reach(0)).toBe(false);
    expect(await idle.reach(20, 6)).toBe(false);
    expect(await idle.reach(0, 5)).toBe(true);
  });

  it('tells who waits for it that it stops, instead of letting them wait', async () => {
    const [source, own] = [await open('source'), await open('own')];
    await occur(source, 'Wanted');
    const follower = follow(source, own);
    const waiting = follower.reach(3_600_000);
    await follower.drain();
    expect(await waiting).toBe(false);
    expect(await follower.reach(3_600_000)).toBe(false);
  });

  it('moves its cursor over a long stretch without interest, so that the source may forget it', async () => {
    const [source, own] = [await open('source'), await open('own')];
    for (let n = 0; n < 6; n += 1) await occur(source, 'Other', 1_000);
    const follower = follow(source, own);
    follower.start();
    await waitUntil('the cursor to move', async () => (await follower.position()) > 5_000);
    expect(await positionsIn(own)).toEqual([]);
  });

  it('rebuilds once when the log was replaced, and loses no event committed meanwhile', async () => {
    const [source, own, restored] = [await open('source'), await open('own'), await open('restored')];
    await occur(source, 'Wanted', 9);
    const before = follow(source, own);
    before.start();
    await before.reach(10_000);
    await before.drain();

    await occur(restored, 'Wanted', 4);
    let rebuilds = 0;
    const after = follow(restored, own, {
      async rebuild() {
        rebuilds += 1;
        const doc = await own.get(applied, 'a');
        await own.commit({ save: [save(applied, { id: 'a', version: doc?.version ?? 0, positions: [] })] });
        await occur(restored, 'Wanted', 2);
      },
    });
    // The old cursor, 9, is beyond the new head; taken for progress it would say "reached".
    expect(await after.reach(0)).toBe(false);
    after.start();
    await waitUntil('the rebuild', async () => rebuilds === 1 && (await positionsIn(own)).length === 2);
    await occur(restored, 'Wanted');
    expect(await after.reach(10_000)).toBe(true);
    expect(await positionsIn(own)).toEqual([5, 6, 7]);
    expect(rebuilds).toBe(1);
  });

  it('rebuilds again when the rebuild was interrupted', async () => {
    const [source, own, restored] = [await open('source'), await open('own'), await open('restored')];
    await occur(source, 'Wanted', 2);
    const before = follow(source, own);
    before.start();
    await before.reach(10_000);
    await before.drain();
    let rebuilds = 0;
    const after = follow(restored, own, {
      async rebuild() {
        rebuilds += 1;
        if (rebuilds === 1) throw new Error('owner unreachable');
      },
    });
    after.start();
    expect(await after.reach(10_000)).toBe(true);
    expect(rebuilds).toBe(2);
  });

  it('stays where it is and says why when the log was replaced and it cannot rebuild', async () => {
    const [source, own, restored] = [await open('source'), await open('own'), await open('restored')];
    await occur(source, 'Wanted', 2);
    const before = follow(source, own);
    before.start();
    await before.reach(10_000);
    await before.drain();
    await occur(restored, 'Wanted', 5);
    const after = follow(restored, own);
    after.start();
    const problem = await waitUntil('the problem', () => after.failing);
    expect(problem).toMatchObject({ code: 'CURSOR_FOREIGN_EPOCH' });
    expect(await positionsIn(own)).toEqual([1, 2]);
  });

  it('is bothered by events that are gone only when it reads their kind', async () => {
    const [source, own] = [await open('source'), await open('own')];
    await occur(source, 'Passing', 10, 'passing');
    await occur(source, 'Wanted', 2);
    await source.prune({ before: '2027-01-01T00:00:00.000Z', upTo: 12, limit: 100 });
    expect((await source.log.state()).floors.passing).toBeGreaterThan(0);
    const history = follow(source, own, { retentions: ['history'] });
    history.start();
    expect(await history.reach(10_000)).toBe(true);
    await history.drain();
    expect(await positionsIn(own)).toEqual([11, 12]);

    const both = follow(source, await open('other'));
    both.start();
    expect(await waitUntil('the problem', () => both.failing)).toMatchObject({ code: 'CURSOR_EXPIRED' });
  });
});
