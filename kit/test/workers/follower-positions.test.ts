import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../src/logging/logger.js';
import type { Store } from '../../src/storage/port.js';
import { openTestStore } from '@numberyard/kit/testing/store';
import { TestClock } from '../../src/testing/test-clock.js';
import { waitUntil } from '../../src/testing/wait-until.js';
import { followers, workerCollections } from '../../src/workers/collections.js';
import { FollowerPositions } from '../../src/workers/follower-positions.js';

let clock: TestClock;
let store: Store;
let close: () => Promise<void>;
let epoch: string;

beforeEach(async () => {
  clock = new TestClock();
  ({ store, close } = await openTestStore({ collections: workerCollections, clock }));
  const event = { type: 'told', retention: 'passing' as const, entity: 'thing:1', path: 'root' };
  const told = {
    ...event,
    actor: { type: 'WORKER' as const, id: 'test' },
    time: '2001-01-01T00:00:00.000Z',
    fields: {},
  };
  await store.commit({ events: Array.from({ length: 9 }, () => told) });
  ({ epoch } = await store.log.state());
});
afterEach(() => close());

function positions(): FollowerPositions {
  return new FollowerPositions({ store, clock, logger: createLogger('silent'), followers: ['one', 'two'] });
}

const kept = async (follower: string) => (await store.get(followers, follower))?.position;

describe('the positions of followers', () => {
  it('hold everything back until each of them has reported, then what the slowest has not applied', async () => {
    const known = positions();
    expect(await known.slowest()).toBe(0);
    known.report({ follower: 'one', epoch, position: 7 });
    await waitUntil('one to be kept', async () => (await kept('one')) === 7);
    expect(await known.slowest()).toBe(0);
    known.log.report?.({ follower: 'two', epoch, position: 4 });
    await waitUntil('two to be kept', async () => (await kept('two')) === 4);
    expect(await known.slowest()).toBe(4);
    expect(await positions().slowest()).toBe(4);
  });

  it('are written now and then only, and also backwards when a follower was restored', async () => {
    const known = positions();
    known.report({ follower: 'one', epoch, position: 5 });
    await waitUntil('five', async () => (await kept('one')) === 5);
    known.report({ follower: 'one', epoch, position: 6 });
    clock.advance(30_000);
    known.report({ follower: 'one', epoch, position: 3 });
    await waitUntil('three', async () => (await kept('one')) === 3);
    expect((await store.get(followers, 'one'))?.version).toBe(2);
  });

  it('are of declared followers only, and of this epoch, and never ahead of the log', async () => {
    const known = positions();
    known.report({ follower: 'stranger', epoch, position: 9 });
    known.report({ follower: 'one', epoch: 'another', position: 9 });
    known.report({ follower: 'two', epoch, position: 10 });
    clock.advance(30_000);
    known.report({ follower: 'one', epoch, position: 8 });
    known.report({ follower: 'two', epoch, position: 9 });
    await waitUntil('both', async () => (await kept('one')) === 8 && (await kept('two')) === 9);
    expect(await kept('stranger')).toBeUndefined();
    expect((await store.get(followers, 'two'))?.version).toBe(1);
    expect(await known.slowest()).toBe(8);
  });

  it('without declared followers let everything go', async () => {
    const none = new FollowerPositions({ store, clock, logger: createLogger('silent'), followers: [] });
    expect(await none.slowest()).toBe(9);
  });
});
