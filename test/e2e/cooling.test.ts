/** The main job, as "AudioCodes Device Number Integration" tells it. */
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Subscription } from '../src/world/client.js';
import {
  addNumbers,
  connect,
  createCustomer,
  numberOf,
  setMacro,
  sync,
  type Connected,
  type Customer,
} from '../src/world/steps.js';
import { openWorld, type Credentials, type World } from '../src/world/world.js';
import type { RoutingManager } from '@numberyard/simulator-arm/routing-manager';

interface Cooling {
  readonly change: string;
  readonly releaseDate: string | null;
  readonly cursor: string;
  readonly number: { readonly number: string; readonly status: string };
}

const COOLING = `subscription($after: String) {
  coolingChanged(after: $after) { change releaseDate cursor number { number status } }
}`;
const FIRST = '+493023125000';
const [away, returns, stays] = ['+493023125001', '+493023125002', '+493023125003'] as const;

let world: World;
let customer: Customer;
let manager: RoutingManager & Credentials;
let connection: Connected;
let live: Subscription<Cooling>;

beforeAll(async () => {
  world = await openWorld();
  customer = await createCustomer(world);
  const site = customer.sites[0] ?? '';
  await addNumbers(world.client(), site, FIRST, '+493023125019');
  manager = await world.routingManager({ users: { count: 10, firstNumber: FIRST } });
  connection = await connect(world.client(), customer.customer, 'main', manager);
  live = world.client().subscribe<Cooling>(COOLING);
});

afterAll(async () => {
  await live?.stop();
  await world?.close();
});

const of = (number: string) => numberOf(world.client(), customer.customer, number);
const changesOf = (number: string) =>
  live.events.filter((event) => event.number.number === number).map((event) => event.change);

it('marks the numbers of registered users Used, Device, AudioCodes', async () => {
  const run = await sync(world.client(), connection.sync);
  expect(run).toMatchObject({ state: 'SUCCEEDED', progress: { fetched: 10, added: 10 }, effect: { numbersUsed: 10 } });
  expect(await of(FIRST)).toMatchObject({
    status: 'USED',
    usage: ['DEVICE'],
    vendor: 'AudioCodes',
    tag: null,
    releaseDate: null,
    connection: { id: connection.id },
  });
  expect(await of('+493023125010')).toMatchObject({ status: 'AVAILABLE', usage: [], vendor: null });
});

it('cools the number of a device that went offline for two days, and says so live', async () => {
  manager.control.takeOffline(away);
  manager.control.drop(stays);
  const before = Date.now();
  expect(await sync(world.client(), connection.sync)).toMatchObject({ effect: { numbersCooling: 2 } });
  const number = await of(away);
  const day = new Date().toISOString().slice(0, 10);
  expect(number).toMatchObject({
    status: 'COOLING',
    usage: [],
    vendor: 'AudioCodes',
    tag: `Registered user is either offline or deleted, release date ${day} + 2 days`,
  });
  const cooling = Date.parse(number?.releaseDate ?? '') - before;
  expect(cooling).toBeGreaterThanOrEqual(2 * 86_400_000 - 1);
  expect(cooling).toBeLessThan(2 * 86_400_000 + 60_000);
  await waitUntil('STARTED to arrive', () => changesOf(away).length > 0);
  expect(changesOf(away)).toEqual(['STARTED']);
});

it('keeps the first release date however often a number that stays away is synced', async () => {
  const first = (await of(stays))?.releaseDate;
  expect(first).toBeTruthy();
  await setMacro(world.client(), world.provider, 'audiocodes_cooling_duration', '5');
  await sync(world.client(), connection.sync);
  await sync(world.client(), connection.sync);
  expect((await of(stays))?.releaseDate).toBe(first);
});

it('takes a number back whose device returns within the time', async () => {
  manager.control.bringBack(away);
  expect(await sync(world.client(), connection.sync)).toMatchObject({ effect: { numbersReturned: 1 } });
  expect(await of(away)).toMatchObject({
    status: 'USED',
    usage: ['DEVICE'],
    vendor: 'AudioCodes',
    tag: null,
    releaseDate: null,
  });
  await waitUntil('RETURNED to arrive', () => changesOf(away).length > 1);
  expect(changesOf(away)).toEqual(['STARTED', 'RETURNED']);
});

it('makes a number whose device stays away Available within two seconds of its release date', async () => {
  await setMacro(world.client(), customer.sites[0] ?? '', 'audiocodes_cooling_duration', 'PT3S');
  manager.control.drop(returns);
  await sync(world.client(), connection.sync);
  const cooling = await of(returns);
  expect(cooling).toMatchObject({ status: 'COOLING' });
  expect(cooling?.tag).toMatch(/release date \d{4}-\d\d-\d\d \+ PT3S$/);
  await waitUntil('RELEASED to arrive', () => changesOf(returns).includes('RELEASED'));
  expect(await of(returns)).toMatchObject({
    status: 'AVAILABLE',
    usage: [],
    vendor: null,
    tag: null,
    releaseDate: null,
  });
  const history = await world
    .client()
    .ask<{ history: { edges: { node: { type: string; time: string; cause: string } }[] } }>(
      'query($id: ID!) { number(id: $id) { history { edges { node { type time cause } } } } }',
      { id: cooling?.id },
    );
  const events = history.history.edges.map((edge) => edge.node);
  expect(events.map((event) => event.type)).toEqual([
    'NumberReleased',
    'NumberCoolingStarted',
    'NumberUsed',
    'NumberAdded',
  ]);
  const lag = Date.parse(events[0]?.time ?? '') - Date.parse(cooling?.releaseDate ?? '');
  expect(lag).toBeGreaterThanOrEqual(0);
  expect(lag).toBeLessThan(2_000);
});

it('takes an Available number back as Used when its device returns after the release', async () => {
  manager.control.bringBack(returns);
  await sync(world.client(), connection.sync);
  expect(await of(returns)).toMatchObject({ status: 'USED', vendor: 'AudioCodes' });
});

it('creates the number of a registered user that is not in the inventory', async () => {
  manager.control.register('+493023125500');
  expect(await sync(world.client(), connection.sync)).toMatchObject({ effect: { numbersCreated: 1 } });
  expect(await of('+493023125500')).toMatchObject({ status: 'USED', usage: ['DEVICE'], vendor: 'AudioCodes' });
});

it('writes nothing but its own run when nothing has changed', async () => {
  const heads = async () => (await world.store('number-inventory').log.state()).head;
  const before = await heads();
  const { head: after } = await world.store('connections').log.state();
  const run = await sync(world.client(), connection.sync);
  expect(run).toMatchObject({ state: 'SUCCEEDED', progress: { added: 0, updated: 0, removed: 0 } });
  expect(await heads()).toBe(before);
  const { events } = await world.store('connections').log.read({ after, limit: 100 });
  expect(new Set(events.map(({ entity }) => entity))).toEqual(new Set([`SyncRun:${run.id}`]));
});
