/** A service is killed while it works: its replica goes on, nothing is lost and nothing happens twice. */
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Lives } from '../../src/fault/lives.js';
import { openProcessWorld, type ProcessWorld } from '../../src/world/process-world.js';
import type { ServiceProcess } from '../../src/world/service-process.js';
import type { SubgraphName } from '../../src/world/compose-services.js';
import {
  addNumbers,
  connect,
  createCustomer,
  ended,
  numberOf,
  queueRun,
  setMacro,
  sync,
  type Connected,
  type Customer,
} from '../../src/world/steps.js';
import type { Credentials } from '../../src/world/world.js';
import type { RoutingManager } from '@numberyard/simulator-arm/routing-manager';

const FIRST = '+493023120000';
/** More than are in one commit of the sync, and of the follower. */
const USERS = 3_000;
/** For what hangs: a lease's term, and then the work itself on a busy machine. */
const DEADLINE = 180_000;

let world: ProcessWorld;
let customer: Customer;
let manager: RoutingManager & Credentials;
let connection: Connected;

beforeAll(async () => {
  world = await openProcessWorld();
  customer = await createCustomer(world);
  manager = await world.routingManager({ users: { count: USERS, firstNumber: FIRST } });
  connection = await connect(world.client(), customer.customer, 'main', manager);
});

afterAll(() => world?.close());

/**
 * Kill one replica, so that the other must take all the leases; `work` shows that it has. Then the killed one is back, as a rival.
 * @returns the replica that holds the leases
 */
async function holderOf(service: SubgraphName, work: () => Promise<unknown>): Promise<ServiceProcess> {
  const [rival, holder] = world.replicas[service];
  if (!rival || !holder) throw new Error(`${service} has no two replicas`);
  await rival.kill();
  await work();
  await rival.start();
  return holder;
}

const used = () =>
  world
    .client()
    .ask<{ totalCount: number }>('{ numbers(filter: { status: [USED] }, first: 1) { totalCount } }')
    .then(({ totalCount }) => totalCount);

it('a sync goes on when the replica that runs it is killed', async () => {
  const holder = await holderOf('connections', () => sync(world.client(), connection.purge, DEADLINE));
  const { examined } = manager.control;
  const run = await queueRun(world.client(), connection.sync);
  await waitUntil('the listing to be under way', () => manager.control.examined > examined + 500, DEADLINE);
  await holder.kill();
  expect(await ended(world.client(), run, DEADLINE)).toMatchObject({ state: 'SUCCEEDED', error: null });
  expect(await used()).toBe(USERS);
  await holder.start();
});

it('what a sync found is applied when the replica that follows it is killed', async () => {
  const holder = await holderOf('number-inventory', () => sync(world.client(), connection.purge, DEADLINE));
  const { head } = await world.store('number-inventory').log.state();
  const run = await queueRun(world.client(), connection.sync);
  await waitUntil(
    'the first of it to be applied',
    async () => (await world.store('number-inventory').log.state()).head > head,
    DEADLINE,
  );
  await holder.kill();
  expect(await ended(world.client(), run, DEADLINE)).toMatchObject({ state: 'SUCCEEDED', error: null });
  expect(await used()).toBe(USERS);
  await holder.start();
});

it('cooling ends for every number once when the replica that releases them is killed', async () => {
  const released = Array.from({ length: 400 }, (_, index) => `+4930231${20000 + index}`);
  await setMacro(world.client(), customer.customer, 'audiocodes_cooling_duration', 'PT20S');
  for (const number of released) manager.control.drop(number);
  const holder = await holderOf('number-inventory', () => sync(world.client(), connection.sync, DEADLINE));
  await waitUntil('the first to be released', async () => (await used()) === USERS - 400, DEADLINE);
  await holder.kill();
  const [last = ''] = released.slice(-1);
  await waitUntil(
    'the last to be released',
    async () => (await numberOf(world.client(), customer.customer, last))?.status === 'AVAILABLE',
    DEADLINE,
  );
  const free = await world
    .client()
    .ask<{ totalCount: number }>('{ numbers(filter: { status: [AVAILABLE] }, first: 1) { totalCount } }');
  expect(free.totalCount).toBe(400);
  await holder.start();
});

it('a live subscription goes on, every event once and in order, when the replica that serves it is killed', async () => {
  const [gateway, other] = world.replicas.gateway;
  if (!gateway || !other) throw new Error('there are no two gateways');
  const site = customer.sites[0] ?? '';
  const live = world
    .clientOf(gateway)
    .subscribe<{ change: string; number: { number: string }; cursor: string }>(
      'subscription($within: ID!) { numberChanged(filter: { within: $within }) { change number { number } cursor } }',
      { within: site },
    );
  let next = 100;
  /** Through the other gateway. One that was cut while a replica died is asked for again; its number is there then, or not. */
  const add = async () => {
    const number = String(next);
    await waitUntil(`${number} to be added`, () =>
      addNumbers(world.clientOf(other), site, number, number).then(
        () => true,
        () => false,
      ),
    );
    next += 1;
  };
  await waitUntil('the subscription to be open', async () => {
    await add();
    return live.events.length > 0;
  });
  for (const replica of world.replicas['number-inventory']) {
    await replica.kill();
    for (let index = 0; index < 20; index += 1) await add();
    await replica.start();
  }
  for (let index = 0; index < 5; index += 1) await add();
  await waitUntil('the last event', () => live.events.some(({ number }) => number.number === String(next - 1)));
  const seen = live.events.map(({ number }) => Number(number.number));
  const first = seen[0] ?? 0;
  expect(seen).toEqual(Array.from({ length: next - first }, (_, index) => first + index));
  expect(live.problem).toBeUndefined();
  await live.stop();
});

it('after all of it every number has lived a life that can be', async () => {
  const { log } = world.store('number-inventory');
  const lives = new Lives();
  let after = 0;
  for (;;) {
    const { events, upTo } = await log.read({ after, limit: 1_000 });
    for (const event of events) expect(lives.problem(event)).toBeUndefined();
    if (events.length === 0) break;
    expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => after + 1 + index));
    after = upTo;
  }
});
