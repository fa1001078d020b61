/** A subscriber that was away: every event once, in order, or an error that says why not. */
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addNumbers, createCustomer, type Customer } from '../src/world/steps.js';
import { openWorld, type World } from '../src/world/world.js';

interface Changed {
  readonly id: string;
  readonly change: string;
  readonly cursor: string;
}

const CHANGES = 'subscription($after: String) { numberChanged(after: $after) { id change cursor } }';

let world: World;
let customer: Customer;

beforeAll(async () => {
  world = await openWorld({ apart: true });
  customer = await createCustomer(world);
});

afterAll(() => world?.close());

async function cursorNow(): Promise<string> {
  const { epoch, head } = await world.store('number-inventory').log.state();
  return `${epoch}.${head}`;
}

it('gives a subscriber that comes back with its last cursor every event once, in order, across a restart', async () => {
  const after = await cursorNow();
  const added = await addNumbers(world.client(), customer.sites[0] ?? '', '1000', '1299');
  const first = world.client().subscribe<Changed>(CHANGES, { after });
  await waitUntil('some events', () => first.events.length >= 100);
  await first.stop();
  const seen = first.events.slice(0, 100);
  await world.restart();
  added.push(...(await addNumbers(world.client(), customer.sites[0] ?? '', '1300', '1349')));
  const second = world.client().subscribe<Changed>(CHANGES, { after: seen.at(-1)?.cursor });
  added.push(...(await addNumbers(world.client(), customer.sites[0] ?? '', '1350', '1399')));
  await waitUntil('all events', () => seen.length + second.events.length >= added.length);
  const all = [...seen, ...second.events];
  expect(all.map((event) => event.id)).toEqual(added);
  const positions = all.map((event) => Number(event.cursor.split('.')[1]));
  expect(positions).toEqual([...positions].sort((a, b) => a - b));
  expect(new Set(positions).size).toBe(positions.length);
  await second.stop();
});

it.each([
  ['of another epoch', 'CURSOR_FOREIGN_EPOCH', async () => `foreign.${1}`],
  ['ahead of the head', 'CURSOR_AHEAD', async () => (await cursorNow()).replace(/\d+$/, '999999999')],
  ['that is none', 'CURSOR_INVALID', async () => 'yesterday'],
])('refuses a cursor %s with a code of its own', async (_what, code, cursor) => {
  const stream = world.client().subscribe<Changed>(CHANGES, { after: await cursor() });
  await waitUntil('the stream to end', () => stream.ended);
  expect(stream.problem).toEqual([expect.objectContaining({ extensions: expect.objectContaining({ code }) })]);
  expect(stream.events).toEqual([]);
  await stream.stop();
});

it('refuses a cursor whose events are gone', async () => {
  const stream = 'subscription($after: String) { syncRunUpdated(after: $after) { cursor } }';
  const store = world.store('connections');
  const { epoch, head } = await store.log.state();
  const passing = {
    type: 'SyncRunUpdated',
    retention: 'passing',
    entity: 'SyncRun:gone',
    path: world.provider,
    actor: { type: 'WORKER', id: 'test' },
    time: '2020-01-01T00:00:00.000Z',
    fields: {},
  } as const;
  await store.commit({ events: [passing, passing] });
  await store.prune({ before: '2021-01-01T00:00:00.000Z', upTo: head + 2, limit: 100 });
  const late = world.client().subscribe(stream, { after: `${epoch}.${head}` });
  await waitUntil('the stream to end', () => late.ended);
  expect(late.problem).toEqual([
    expect.objectContaining({ extensions: expect.objectContaining({ code: 'CURSOR_EXPIRED' }) }),
  ]);
  await late.stop();
});
