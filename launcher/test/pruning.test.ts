/** What of a log may go: never what a follower has not read, also one that has not begun yet. */
import { createLogger } from '@numberyard/kit/logging/logger';
import type { Store } from '@numberyard/kit/storage/port';
import { save } from '@numberyard/kit/storage/port';
import { openTestStore } from '@numberyard/kit/testing/store';
import { TestClock } from '@numberyard/kit/testing/test-clock';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { cursors, workerCollections } from '@numberyard/kit/workers/collections';
import { afterEach, expect, test } from 'vitest';
import { startPruners } from '../src/pruning.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const clock = new TestClock();

async function open(name: string): Promise<Store> {
  const { store, close } = await openTestStore({ name, collections: workerCollections, clock });
  closers.push(close);
  return store;
}

/** Five passing events of long ago. */
async function fill(store: Store): Promise<void> {
  await store.commit({
    events: Array.from({ length: 5 }, (_, index) => ({
      type: 'told',
      retention: 'passing' as const,
      entity: `thing:${index}`,
      path: 'root',
      actor: { type: 'WORKER' as const, id: 'test' },
      time: '2001-01-01T00:00:00.000Z',
      fields: {},
    })),
  });
}

function start(...stores: Store[]): void {
  const pruners = startPruners({ stores, clock, logger: createLogger('silent'), keepDays: 30 });
  closers.push(() => pruners.drain());
}

const floor = async (store: Store) => (await store.log.state()).floors.passing;

test('nothing goes before a follower that has no cursor yet, though another has read it all; without followers all that is old goes', async () => {
  const [followed, quick, slow, lonely] = [
    await open('number-inventory'),
    await open('connections'),
    await open('audit'),
    await open('provisioning'),
  ];
  await lonely.commit({ save: [save(cursors, { id: followed.name, version: 0, epoch: 'any', position: 5 })] });
  const begin = clock.now();
  await fill(followed);
  await fill(lonely);
  const { epoch } = await followed.log.state();
  await quick.commit({ save: [save(cursors, { id: followed.name, version: 0, epoch, position: 5 })] });
  start(followed, quick, slow, lonely);
  await waitUntil('the log nobody follows to be pruned', async () => (await floor(lonely)) === 5);
  const floors = new Set<number>();
  await waitUntil('the third hour', async () => {
    clock.advance(3_600_000);
    floors.add(await floor(followed));
    return clock.now() > begin + 3 * 3_600_000;
  });
  await slow.commit({ save: [save(cursors, { id: followed.name, version: 0, epoch, position: 3 })] });
  await waitUntil('what both have read to go', async () => {
    clock.advance(3_600_000);
    floors.add(await floor(followed));
    return floors.has(3);
  });
  expect([...floors]).toEqual([0, 3]);
});
