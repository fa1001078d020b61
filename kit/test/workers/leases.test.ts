import { createLogger } from '@numberyard/kit/logging/logger';
import { decide } from '@numberyard/kit/commands/decide';
import { hostile } from '@numberyard/kit/storage/hostile';
import type { Store } from '@numberyard/kit/storage/port';
import { openTestStore } from '@numberyard/kit/testing/store';
import { TestClock } from '@numberyard/kit/testing/test-clock';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { holders, leases, workerCollections } from '@numberyard/kit/workers/collections';
import { LeaseLostError, Leases, stopWhenLost, type Lease } from '@numberyard/kit/workers/leases';
import { afterEach, describe, expect, it } from 'vitest';

const TERM = 10_000;
const logger = createLogger('silent');

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A store that other processes may have open too. */
async function openShared(): Promise<Store> {
  const { store, close } = await openTestStore({ collections: workerCollections });
  closers.push(close);
  return { ...hostile(store, { seed: 1, conflictRate: 0, doorbell: 'normal' }), exclusive: false };
}

/** A process of its own: leases and a clock that nobody else reads. */
function processOn(store: Store) {
  const clock = new TestClock();
  const leases = new Leases({ store, clock, logger, termMs: TERM });
  closers.push(() => leases.stop());
  const beating = () => waitUntil('the heartbeat to be written', () => clock.sleeping === 1);
  return { clock, leases, beating };
}

/** Let a rival look again and again while its clock goes on by `ms`; it must not get the lease on the way. */
async function watch(rival: ReturnType<typeof processOn>, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= TERM / 4) {
    expect(await rival.leases.acquire('sweep')).toBeUndefined();
    rival.clock.advance(Math.min(left, TERM / 4));
  }
}

function must(lease: Lease | undefined): Lease {
  if (!lease) throw new Error('the lease was not given');
  return lease;
}

describe('leases of processes on one store', () => {
  it('give a loop to one of two who ask at once', async () => {
    const store = await openShared();
    const got = await Promise.all([processOn(store), processOn(store)].map(({ leases }) => leases.acquire('sweep')));
    expect(got.filter(Boolean)).toHaveLength(1);
  });

  it('give a process a lease once, though two of its loops ask at the same time', async () => {
    const { leases } = processOn(await openShared());
    const got = await Promise.all([leases.acquire('sweep'), leases.acquire('sweep')]);
    expect(got.filter(Boolean)).toHaveLength(1);
    expect(await leases.acquire('sweep')).toBeUndefined();
  });

  it('are taken over only after the same heartbeat was seen for a whole term of the rival’s own clock', async () => {
    const store = await openShared();
    const [holder, rival] = [processOn(store), processOn(store)];
    must(await holder.leases.acquire('sweep'));
    await holder.beating();
    await watch(rival, TERM - 1);
    await watch(rival, 1);
    expect(await rival.leases.acquire('sweep')).toBeDefined();
  });

  it('stay with a holder whose heart beats, however far the clocks are apart', async () => {
    const store = await openShared();
    const [holder, rival] = [processOn(store), processOn(store)];
    must(await holder.leases.acquire('sweep'));
    rival.clock.advance(365 * 86_400_000);
    for (let beat = 0; beat < 5; beat += 1) {
      await holder.beating();
      expect(await rival.leases.acquire('sweep')).toBeUndefined();
      rival.clock.advance(TERM * 2);
      holder.clock.advance(TERM / 4);
    }
  });

  it('are judged anew after a look that found the heart beating', async () => {
    const store = await openShared();
    const [holder, rival] = [processOn(store), processOn(store)];
    must(await holder.leases.acquire('sweep'));
    await holder.beating();
    await watch(rival, TERM);
    holder.clock.advance(TERM / 4);
    await holder.beating();
    await watch(rival, TERM);
    expect(await rival.leases.acquire('sweep')).toBeDefined();
  });

  it('are watched anew by a rival that could not look for a while: the holder may have been as little able to beat', async () => {
    const store = await openShared();
    const [holder, rival] = [processOn(store), processOn(store)];
    must(await holder.leases.acquire('sweep'));
    await holder.beating();
    await watch(rival, TERM / 2);
    rival.clock.advance(TERM);
    await watch(rival, TERM);
    expect(await rival.leases.acquire('sweep')).toBeDefined();
  });

  it('of one that died all pass with the first, and its heart goes', async () => {
    const store = await openShared();
    const [holder, rival, third] = [processOn(store), processOn(store), processOn(store)];
    must(await holder.leases.acquire('sweep'));
    must(await holder.leases.acquire('prune'));
    await holder.beating();
    const { holder: id } = (await store.get(leases, 'sweep'))!;
    expect(await store.get(holders, id)).toMatchObject({ beats: 1 });
    await watch(rival, TERM);
    must(await rival.leases.acquire('sweep'));
    expect(await store.get(holders, id)).toBeUndefined();
    expect(await third.leases.acquire('prune')).toBeDefined();
  });

  it('refuse what a holder writes that was paused and replaced', async () => {
    const store = await openShared();
    const [paused, rival] = [processOn(store), processOn(store)];
    const lease = must(await paused.leases.acquire('sweep'));
    await paused.beating();
    expect((await store.commit({ expect: [lease.fence] })).ok).toBe(true);
    await watch(rival, TERM);
    const taken = must(await rival.leases.acquire('sweep'));
    const write = () =>
      decide(store, async () => ({ value: 1, commit: { expect: [lease.fence] } }), stopWhenLost(lease));
    await expect(write()).rejects.toThrow(LeaseLostError);
    expect((await store.commit({ expect: [taken.fence] })).ok).toBe(true);
  });

  it('do not fall back to a replaced holder that gives its lease back late', async () => {
    const store = await openShared();
    const [paused, rival] = [processOn(store), processOn(store)];
    const lease = must(await paused.leases.acquire('sweep'));
    await paused.beating();
    await watch(rival, TERM);
    const taken = must(await rival.leases.acquire('sweep'));
    await paused.leases.release(lease);
    expect((await store.commit({ expect: [taken.fence] })).ok).toBe(true);
  });

  it('pass on at once when they are given back', async () => {
    const store = await openShared();
    const [holder, rival] = [processOn(store), processOn(store)];
    const lease = must(await holder.leases.acquire('sweep'));
    await holder.leases.release(lease);
    expect(await rival.leases.acquire('sweep')).toBeDefined();
  });

  it('leave no heartbeat behind when their process ends', async () => {
    const store = await openShared();
    const { leases, beating } = processOn(store);
    const { commit } = store;
    const hearts = new Set<string>();
    store.commit = (wanted) => {
      for (const { collection, doc } of wanted.save ?? []) if (collection === holders.name) hearts.add(doc.id);
      return commit(wanted);
    };
    must(await leases.acquire('sweep'));
    await beating();
    expect(hearts.size).toBe(1);
    await leases.stop();
    expect(await store.getMany(holders, [...hearts])).toEqual([undefined]);
  });

  it('do not count a conflict that stems from another document as a loss', () => {
    const lease = { name: 'sweep', fence: { collection: 'leases', id: 'sweep', version: 1 } };
    const check = stopWhenLost(lease);
    check([{ kind: 'STALE', collection: 'leases', id: 'other' }]);
    check([{ kind: 'TAKEN', collection: 'leases', id: 'sweep', key: 'byName' }, { kind: 'REQUEST' }]);
    expect(() => check([{ kind: 'STALE', collection: 'leases', id: 'sweep' }])).toThrow(LeaseLostError);
  });
});

describe('leases on a store that lets no second process in', () => {
  it('are taken at once from whoever is named on them, who must be dead', async () => {
    const { store, close } = await openTestStore({ collections: workerCollections, exclusive: true });
    closers.push(close);
    must(await processOn(store).leases.acquire('sweep'));
    expect(await processOn(store).leases.acquire('sweep')).toBeDefined();
  });

  it('need no heartbeat', async () => {
    const { store, close } = await openTestStore({ collections: workerCollections, exclusive: true });
    closers.push(close);
    const { leases, clock } = processOn(store);
    await leases.acquire('sweep');
    expect(clock.sleeping).toBe(0);
  });
});
