/** The release sweep: each number once, none early, and never one whose device came back in time. */
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import type { Clock } from '@numberyard/kit/clock/clock';
import type { EventLog } from '@numberyard/kit/log/event';
import { createLogger } from '@numberyard/kit/logging/logger';
import { Leases } from '@numberyard/kit/workers/leases';
import { afterEach, expect, test } from 'vitest';
import { applyConnectionsEvents } from '../src/commands/apply-registered-users.js';
import { ClaimsInFlight } from '../src/commands/claims-in-flight.js';
import { endDueNumbers, nextDue } from '../src/commands/end-due.js';
import { numbers as numberCollection, saveNumber } from '../src/models/number.js';
import { ReleaseSweep } from '../src/workers/release-sweep.js';
import { openInventory, type TestInventory } from './inventory.js';

let inventory: TestInventory;
const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await inventory.close();
});

const DAY = 86_400_000;
const COUNT = 1000;

const numbers = Array.from({ length: COUNT }, (_, index) => `${1000 + index}`);
const came = numbers.map((number) => ({ ref: `u${number}`, before: null, after: number }));
const went = numbers.map((number) => ({ ref: `u${number}`, before: number, after: null }));

/** A thousand numbers in Cooling, made without running workers. */
async function openCooling(): Promise<void> {
  inventory = await openInventory();
  for (const changes of [came, went]) {
    const position = await inventory.tell('run', changes);
    const { events } = await inventory.connections.log.read({ after: position - 1, limit: 1 });
    const commit = await applyConnectionsEvents(inventory, events);
    expect((await inventory.store.commit(commit ?? {})).ok).toBe(true);
  }
}

function lease() {
  const leases = new Leases({ store: inventory.store, clock: inventory.clock, logger: createLogger('silent') });
  return waitUntil('a lease', () => leases.acquire('test'));
}

async function countOf(type: string): Promise<number> {
  let count = 0;
  for (let after = 0; ;) {
    const { events, upTo } = await inventory.store.log.read({ after, types: [type], limit: 1000 });
    if (upTo === after) return count;
    count += events.length;
    after = upTo;
  }
}

function moving(): void {
  const timer = setInterval(() => inventory.clock.advance(200), 5);
  stops.push(() => clearInterval(timer));
}

test('a thousand numbers are released in batches, each once, over a store that answers conflicts at random', async () => {
  inventory = await openInventory({ hostile: 5 });
  moving();
  await inventory.inventory.start();
  await inventory.tell('run', came);
  await inventory.tell('run', went);
  await waitUntil('all to cool', async () => (await countOf('NumberCoolingStarted')) === COUNT);
  expect(await countOf('NumberReleased')).toBe(0);
  inventory.clock.advance(2 * DAY);
  await waitUntil('all to be released', async () => (await nextDue(inventory)) === undefined);
  expect(await countOf('NumberReleased')).toBe(COUNT);
  const { events } = await inventory.store.log.read({ after: 0, types: ['NumberReleased'], limit: 1 });
  expect(events[0]?.actor.label).toBe('release sweep');
  expect(await inventory.store.verify()).toEqual([]);
});

test('a device that returns while its number is being released is not robbed: one of the two is decided again', async () => {
  await openCooling();
  inventory.clock.advance(2 * DAY);
  const position = await inventory.tell('back', came.slice(0, 300));
  const { events } = await inventory.connections.log.read({ after: position - 1, limit: 1 });
  const asOf = new Date(inventory.clock.now()).toISOString();
  // Both have read the same state before either commits.
  const back = await applyConnectionsEvents(inventory, events);
  const held = await lease();
  const [ended, returned] = await Promise.all([
    endDueNumbers(inventory, asOf, held),
    inventory.store.commit(back ?? {}),
  ]);
  if (!returned.ok) {
    const again = await applyConnectionsEvents(inventory, events);
    expect((await inventory.store.commit(again ?? {})).ok).toBe(true);
  }
  while ((await endDueNumbers(inventory, asOf, held)) > 0);
  const { numberSummary } = await inventory.data<{ numberSummary: { byStatus: { status: string; count: number }[] } }>(
    `{ numberSummary { byStatus { status count } } }`,
  );
  const counts = Object.fromEntries(numberSummary.byStatus.map(({ status, count }) => [status, count]));
  expect(counts).toMatchObject({ USED: 300, AVAILABLE: 700, COOLING: 0 });
  expect(ended).toBeGreaterThan(0);
  // Those that were released before they came back became Used, the others returned from Cooling.
  const told = (await countOf('NumberReturned')) + (await countOf('NumberUsed'));
  expect(told).toBe(300);
});

test('while the connections cannot be read nothing is released and the reason is told; afterwards what came back in time is kept', async () => {
  await openCooling();
  inventory.clock.advance(2 * DAY - 1000);
  const { clock, store, connections } = inventory;
  let broken = true;
  const log: EventLog = {
    ...connections.log,
    state: () => (broken ? Promise.reject(new Error('connections are down')) : connections.log.state()),
  };
  const told: string[] = [];
  const logger = createLogger('warn', { write: (line) => void told.push(line) });
  let followed = false;
  const follower = { failing: undefined, reach: () => Promise.resolve(followed) };
  const leases = new Leases({ store, clock, logger });
  const sweep = new ReleaseSweep({
    store,
    clock,
    claims: new ClaimsInFlight(),
    leases,
    logger,
    connections: log,
    follower,
  });
  stops.push(() => sweep.drain());
  moving();
  sweep.start();
  await waitUntil('the hold', () => sweep.holding);
  expect(sweep.holding).toBe('connections are down');
  expect(sweep.failing?.message).toBe('numbers that are due stay in cooling: connections are down');
  expect(told.join()).toContain('connections are down');
  broken = false;
  await waitUntil('the hold for the follower', () => sweep.holding?.includes('not been followed'));
  expect(await countOf('NumberReleased')).toBe(0);
  expect(sweep.failing).toBeUndefined();
  await waitUntil('a follower that takes too long to count as a failure', () => sweep.failing);
  followed = true;
  await waitUntil('all to be released', async () => (await nextDue(inventory)) === undefined);
  expect(sweep.holding).toBeUndefined();
  expect(sweep.failing).toBeUndefined();
  expect(await countOf('NumberReleased')).toBe(COUNT);
});

test('health tells that the connections cannot be followed, and is well again once they can be', async () => {
  inventory = await openInventory();
  moving();
  await inventory.inventory.start();
  await expect(inventory.inventory.health()).resolves.toBeUndefined();
  inventory.gate = Promise.reject(new Error('connections are down'));
  inventory.gate.catch(() => undefined);
  await inventory.tell('run', came);
  const problem = () =>
    inventory.inventory.health().then(
      () => undefined,
      (error: Error) => error.message,
    );
  await waitUntil('the failure to be told', problem);
  expect(await problem()).toBe('number-inventory: the follower of connections is failing: connections are down');
  inventory.gate = undefined;
  await waitUntil('health', async () => (await problem()) === undefined);
});

test('a clock that was wrongly ahead for a while ends nothing early once it is set back', async () => {
  await openCooling();
  const { clock, store, connections } = inventory;
  let ahead = 60 * 60_000;
  const wall: Clock = {
    now: () => clock.now() + ahead,
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
  clock.advance(2 * DAY + 1000);
  // One more that is due ten minutes later.
  const [later] = (await store.find(numberCollection, { key: 'byDue', limit: 1 })).items;
  const releaseDate = new Date(clock.now() + 10 * 60_000).toISOString();
  if (!later?.cooling) throw new Error('nothing cools');
  const { id } = later;
  await store.commit({ save: [saveNumber({ ...later, cooling: { ...later.cooling, releaseDate } }, later.version)] });
  let [isReached, looks] = [false, 0];
  const follower = { failing: undefined, reach: () => Promise.resolve(((looks += 1), isReached)) };
  const logger = createLogger('silent');
  const leases = new Leases({ store, clock, logger });
  const claims = new ClaimsInFlight();
  const sweep = new ReleaseSweep({
    store,
    clock: wall,
    claims,
    leases,
    logger,
    connections: connections.log,
    follower,
  });
  stops.push(() => sweep.drain());
  moving();
  sweep.start();
  await waitUntil('a look ahead of time', () => looks > 1);
  [ahead, isReached] = [0, true];
  await waitUntil('the others to be released', async () => (await countOf('NumberReleased')) >= COUNT - 1);
  expect((await store.get(numberCollection, id))?.status).toBe('COOLING');
});
