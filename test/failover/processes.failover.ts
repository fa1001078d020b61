/** The primary is killed under a whole Numberyard of many processes: in a sync, in a sweep and in a burst of claims, with subscriptions open all the while. */
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { withDatabase } from '@numberyard/kit/testing/mongo';
import { randomFrom } from '@numberyard/kit/testing/random';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkStore, type Acknowledged } from '../src/fault/check.js';
import { startThreeMembers, type Member, type ThreeMembers } from '../src/mongo/three-members.js';
import type { Subscription } from '../src/world/client.js';
import {
  addNumbers,
  connect,
  createCustomer,
  ended,
  queueRun,
  setMacro,
  sync,
  type Connected,
  type Customer,
} from '../src/world/steps.js';
import { openWorld, type World } from '../src/world/world.js';

const SEED = Number(process.env['FAULT_SEED'] ?? randomInt(2 ** 31));
const FIRST = '+493023125000';
const DEVICES = 600;
/** Longest a mutation may wait for its answer while the primary is replaced. */
const LONGEST_WAIT_MS = 15_000;

const CLAIM = `mutation($input: ClaimNextAvailableNumberInput!) {
  claimNextAvailableNumber(input: $input) { number { id } userErrors { code message field } }
}`;

interface Changed {
  readonly id: string;
  readonly change: string;
  readonly cursor: string;
}

const random = randomFrom(SEED);
const claims: Acknowledged[] = [];
const waits: number[] = [];
let set: ThreeMembers;
let world: World;
let customer: Customer;
let connection: Connected;
let numbers: Subscription<Changed>;
let cooling: Subscription<Changed>;
let manager: Awaited<ReturnType<World['routingManager']>>;

beforeAll(async () => {
  set = await startThreeMembers();
  process.env['TEST_MONGODB_URI'] = withDatabase(set.uri, 'failover');
  world = await openWorld();
  customer = await createCustomer(world);
  const client = world.client();
  await addNumbers(client, customer.sites[0] ?? '', '+496990009000', '+496990009499');
  await setMacro(client, customer.customer, 'audiocodes_cooling_duration', 'PT3S');
  manager = await world.routingManager({ users: { count: DEVICES, firstNumber: FIRST } });
  connection = await connect(client, customer.customer, 'main', manager);
  const { epoch, head } = await world.store('number-inventory').log.state();
  const subscribe = (field: string) =>
    client.subscribe<Changed>(`subscription($after: String) { ${field}(after: $after) { id change cursor } }`, {
      after: `${epoch}.${head}`,
    });
  numbers = subscribe('numberChanged');
  cooling = subscribe('coolingChanged');
}, 240_000);

afterAll(async () => {
  await Promise.all([numbers?.stop(), cooling?.stop()]);
  await world?.close();
  await set?.stop();
}, 120_000);

async function killPrimary(): Promise<Member> {
  const primary = await set.primary();
  await primary.kill();
  return primary;
}

/** Claims at once, each of which is to be answered with a number. */
async function claim(round: string, count: number): Promise<void> {
  const client = world.client();
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const ref = `${round}-${index}`;
      const began = performance.now();
      const { number } = await client.change<{ number: { id: string } }>(CLAIM, {
        node: customer.sites[0],
        ref,
        idempotencyKey: ref,
      });
      waits.push(performance.now() - began);
      claims.push({ number: number.id, ref });
    }),
  );
}

async function statusCounts(): Promise<Map<string, number>> {
  const { byStatus } = await world
    .client()
    .ask<{ byStatus: { status: string; count: number }[] }>('{ numberSummary { byStatus { status count } } }');
  return new Map(byStatus.map(({ status, count }) => [status, count]));
}

/** What is promised whatever was killed: all that was acknowledged is there, no number twice, every event was told once and in order. */
async function nothingIsLost(): Promise<void> {
  const store = world.store('number-inventory');
  for (const name of ['number-inventory', 'connections']) {
    expect(await checkStore(world.store(name), claims)).toEqual([]);
  }
  expect(new Set(claims.map(({ number }) => number)).size).toBe(claims.length);
  expect(Math.max(0, ...waits)).toBeLessThan(LONGEST_WAIT_MS);
  const first = numbers.events[0];
  const from = Number(first?.cursor.split('.')[1]) - 1;
  const { head } = await store.log.state();
  const told: number[] = [];
  for (let position = from; position < head;) {
    const { events, upTo } = await store.log.read({ after: position, limit: 1_000 });
    told.push(...events.filter(({ entity }) => entity.startsWith('InventoryNumber:')).map((event) => event.position));
    position = upTo;
  }
  await waitUntil(
    'the subscription to tell everything',
    () => numbers.ended || numbers.events.length >= told.length,
    60_000,
  );
  expect(numbers.problem).toBeUndefined();
  expect(numbers.events.map(({ cursor }) => Number(cursor.split('.')[1]))).toEqual(told);
}

it('in the middle of a sync: it goes on and ends well', async () => {
  const run = await queueRun(world.client(), connection.sync);
  await waitUntil('the sync to apply', () => numbers.events.length > 20);
  await delay(random() * 300);
  const killed = await killPrimary();
  expect(await ended(world.client(), run, 90_000)).toMatchObject({ error: null, state: 'SUCCEEDED' });
  await killed.bringBack();
  expect((await sync(world.client(), connection.sync, 90_000)).progress).toMatchObject({ added: 0, removed: 0 });
  await nothingIsLost();
});

it('in the middle of a sweep: every number is released once', async () => {
  for (let index = 0; index < DEVICES / 2; index += 1)
    manager.control.drop(`+${BigInt(FIRST.slice(1)) + BigInt(index)}`);
  const used = (await statusCounts()).get('USED') ?? 0;
  const released = () => cooling.events.flatMap(({ id, change }) => (change === 'RELEASED' ? [id] : []));
  const run = await queueRun(world.client(), connection.sync);
  await waitUntil('the sweep to begin', () => released().length > 0, 90_000);
  const killed = await killPrimary();
  expect(await ended(world.client(), run, 90_000)).toMatchObject({ error: null, state: 'SUCCEEDED' });
  await waitUntil('the cooling to be over', async () => !(await statusCounts()).get('COOLING'), 90_000);
  await killed.bringBack();
  expect((await statusCounts()).get('USED')).toBe(used - DEVICES / 2);
  await waitUntil('all releases to be told', () => released().length >= DEVICES / 2, 60_000);
  expect([released().length, new Set(released()).size]).toEqual([DEVICES / 2, DEVICES / 2]);
  await nothingIsLost();
});

it(`in the middle of bursts of claims: each is answered with a number of its own, in time (FAULT_SEED=${SEED})`, async ({
  annotate,
}) => {
  for (const round of ['first', 'second', 'third']) {
    const claiming = claim(round, 40);
    await delay(random() * 400);
    const killed = await killPrimary();
    await claiming;
    await killed.bringBack();
  }
  await nothingIsLost();
  await annotate(`${claims.length} claims, longest wait ${Math.round(Math.max(...waits))} ms`);
});
