/** What of a log may go: never what a follower has not read, also one that has not begun yet. */
import { createLogger } from '@numberyard/kit/logging/logger';
import type { Store } from '@numberyard/kit/storage/port';
import { openTestStore } from '@numberyard/kit/testing/store';
import { TestClock } from '@numberyard/kit/testing/test-clock';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { workerCollections } from '@numberyard/kit/workers/collections';
import { FollowerPositions } from '@numberyard/kit/workers/follower-positions';
import { afterEach, expect, test } from 'vitest';
import { startPruner } from '../src/pruning.js';
import { followersOf } from '../src/subgraphs.js';

const HOUR = 3_600_000;
const clock = new TestClock();
const logger = createLogger('silent');

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A store with five passing events of long ago, and a pruner. */
async function prunedStore(name: 'number-inventory' | 'provisioning') {
  const { store, close } = await openTestStore({ name, collections: workerCollections, clock });
  closers.push(close);
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
  const positions = new FollowerPositions({ store, clock, logger, followers: followersOf(name) });
  const pruner = startPruner({ store, positions, clock, logger, keepDays: 30 });
  closers.push(() => pruner.drain());
  return { store, positions };
}

const floor = async (store: Store) => (await store.log.state()).floors.passing;

test('nothing goes before a follower that has told nothing yet, though others have read it all', async () => {
  const { store, positions } = await prunedStore('number-inventory');
  const { epoch } = await store.log.state();
  const [slow, ...quick] = followersOf('number-inventory');
  expect(quick).not.toHaveLength(0);
  for (const follower of quick) positions.report({ follower, epoch, position: 5 });
  const begin = clock.now();
  const floors = new Set<number>();
  await waitUntil('the third hour', async () => {
    clock.advance(HOUR);
    floors.add(await floor(store));
    return clock.now() > begin + 3 * HOUR;
  });
  positions.report({ follower: slow ?? '', epoch, position: 3 });
  await waitUntil('what all have read to go', async () => {
    clock.advance(HOUR);
    floors.add(await floor(store));
    return floors.has(3);
  });
  expect([...floors]).toEqual([0, 3]);
});

test('of a log that nobody follows all that is old goes', async () => {
  const { store } = await prunedStore('provisioning');
  await waitUntil('the floor', async () => (await floor(store)) === 5);
});
