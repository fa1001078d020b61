import type { Store } from '@numberyard/kit/storage/port';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterEach, describe, expect, test } from 'vitest';
import { syncRuns } from '../src/models/sync-runs.js';
import { TestSubgraph } from './support/subgraph.js';
import { mirrorOf, usesTold } from './support/users.js';

let subgraph: TestSubgraph;
afterEach(() => subgraph.close());

const number = (index: number) => `+4930120${String(index).padStart(5, '0')}`;

/** Kills the process at its nth commit, after it was applied or before. */
function killingAt(nth: number, applied: boolean): (store: Store) => Store {
  let commits = 0;
  return (store) => ({
    ...store,
    async commit(commit) {
      commits += 1;
      if (commits !== nth) return store.commit(commit);
      if (applied) await store.commit(commit);
      // Nobody waits for it: the dead do not.
      void subgraph.killAndStart();
      return new Promise((resolve) => setImmediate(resolve)).then(() => store.commit({}));
    },
  });
}

describe('a process that is killed', () => {
  // The first commits are the leases and the nodes, the last ones the end of the second sync.
  const points = Array.from({ length: 12 }, (_, index) => [2 * index + 4, index % 3 > 0] as const);
  test.each(points)(
    'at its commit %i (applied: %s) leaves a run that the next process finishes, with every change told once',
    async (nth, applied) => {
      subgraph = await TestSubgraph.open({ wrap: killingAt(nth, applied) });
      const simulator = await subgraph.simulator({ users: { count: 1_000, firstNumber: number(0) } });
      const connection = (await once(() => subgraph.connect(simulator), known)).id;
      await synced(connection);
      for (let index = 0; index < 350; index += 1) simulator.control.drop(number(index));
      expect(await synced(connection)).toMatchObject({ state: 'SUCCEEDED' });
      expect(await mirrorOf(subgraph.store, connection)).toHaveLength(650);
      expect((await usesTold(subgraph.store)).size).toBe(650);
      expect(await subgraph.store.verify()).toEqual([]);
    },
  );

  async function synced(connection: string) {
    const before = (await known())?.lastSyncRun?.id;
    const { id } = await once<{ readonly id: string }>(
      () => subgraph.runDataSync(connection),
      async () => {
        const last = (await known())?.lastSyncRun;
        return !last || last.id === before ? undefined : last;
      },
    );
    return outliving(() => subgraph.ended(id));
  }

  async function known() {
    const { audioCodesConnections } = await subgraph.ask(
      '{ audioCodesConnections { edges { node { id lastSyncRun { id } } } } }',
    );
    return audioCodesConnections.edges[0]?.node;
  }

  /** A client whose request died with the process looks whether it went through, and asks again if not. */
  async function once<T>(ask: () => Promise<T>, done: () => Promise<T | undefined>): Promise<T> {
    try {
      return await ask();
    } catch {
      const { value } = await outliving(async () => ({ value: await done() }));
      return value ?? (await ask());
    }
  }

  /** Ask again while nobody is there: the next process takes its time to come. */
  function outliving<T>(ask: () => Promise<T>): Promise<NonNullable<T>> {
    return waitUntil('the next process to answer', () =>
      ask().catch((error: unknown) => {
        if (/was killed/.test(String(error))) return undefined;
        throw error;
      }),
    );
  }

  test('three times gives the run up as interrupted, with what it had done', async () => {
    subgraph = await TestSubgraph.open();
    const simulator = await subgraph.simulator({ users: { count: 2_500, firstNumber: number(0) } });
    const connection = (await subgraph.connect(simulator)).id;
    simulator.control.fault({ kind: 'slow-drip', onPage: 3, bytes: 1, milliseconds: 50 });
    const { id } = await subgraph.runDataSync(connection);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await subgraph.until(`attempt ${attempt} to list`, async () => {
        const run = await subgraph.store.get(syncRuns, id);
        return run?.attempts === attempt && run.progress.fetched === 2_000 && run.progress.added === 2_000;
      });
      await subgraph.killAndStart();
    }
    const run = await subgraph.ended(id);
    expect(run).toMatchObject({ state: 'FAILED', error: { code: 'INTERRUPTED' } });
    expect(run.progress.added).toBeGreaterThan(0);
    expect(await mirrorOf(subgraph.store, connection)).toHaveLength(run.progress.added);
  });

  test('in an orderly way puts its run back in the queue, and that is no attempt', async () => {
    subgraph = await TestSubgraph.open();
    const simulator = await subgraph.simulator({ users: { count: 10, firstNumber: number(0) } });
    const connection = (await subgraph.connect(simulator)).id;
    const fault = simulator.control.fault({ kind: 'slow-answer', milliseconds: 60_000 });
    const { id } = await subgraph.runDataSync(connection);
    for (let restart = 0; restart < 4; restart += 1) {
      await subgraph.until('the run to run', async () => (await subgraph.syncRun(id)).state === 'RUNNING');
      await subgraph.restart();
    }
    simulator.control.faults.off(fault);
    await subgraph.restart();
    expect(await subgraph.ended(id)).toMatchObject({ state: 'SUCCEEDED', progress: { added: 10 } });
  });
});

describe('on a store that answers conflicts at random and rings late', () => {
  test.each([1, 2, 3, 4, 5, 6])('syncs, purges and deletes come out the same (seed %i)', async (seed) => {
    subgraph = await TestSubgraph.open({ hostile: seed });
    const simulator = await subgraph.simulator({ users: { count: 1_100, firstNumber: number(0) } });
    const connection = (await subgraph.connect(simulator)).id;
    expect(await subgraph.sync(connection)).toMatchObject({ state: 'SUCCEEDED', progress: { added: 1_100 } });
    for (let index = 0; index < 120; index += 1) simulator.control.drop(number(index));
    simulator.control.takeOffline(number(500));
    expect(await subgraph.sync(connection)).toMatchObject({
      state: 'SUCCEEDED',
      progress: { removed: 120, updated: 1 },
      effect: { numbersUsed: 0, numbersCooling: 121 },
    });
    expect((await usesTold(subgraph.store)).size).toBe(979);
    const { deleteAudioCodesConnection } = await subgraph.ask(
      'mutation($input: DeleteAudioCodesConnectionInput!) { deleteAudioCodesConnection(input: $input) { syncRun { id } } }',
      { input: { id: connection } },
    );
    expect(await subgraph.ended(deleteAudioCodesConnection.syncRun.id)).toMatchObject({ state: 'SUCCEEDED' });
    expect((await usesTold(subgraph.store)).size).toBe(0);
    expect(await subgraph.store.verify()).toEqual([]);
  });
});
