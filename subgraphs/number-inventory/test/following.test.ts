/** Following the connections where it is unusual: started over, and with answers as large as they get. */
import { save } from '@numberyard/kit/storage/port';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodes as nodeCollection } from '../src/models/node.js';
import { newNumber } from '../src/domain/number.js';
import { numbers as numberCollection, saveNumber } from '../src/models/number.js';
import { openInventory, type TestInventory } from './inventory.js';

let inventory: TestInventory;
beforeEach(async () => {
  inventory = await openInventory();
  await inventory.inventory.start();
});
afterEach(() => inventory.close());

const statusOf = async (number: string, customer = inventory.nodes.customer) =>
  (await inventory.store.get(numberCollection, `${customer}:${number}`))?.status;

test('taking the uses from the listing leaves the numbers of a customer alone whose number management is off', async () => {
  const { nodes, store } = inventory;
  await inventory.tell('run1', [{ ref: 'u1', before: null, after: '1001' }]);
  await waitUntil('the number to be used', async () => (await statusOf('1001')) === 'USED');
  const customer = await store.get(nodeCollection, nodes.customer);
  if (!customer) throw new Error('there is no customer');
  await store.commit({ save: [save(nodeCollection, { ...customer, numberManagement: false })] });
  await inventory.inventory.drain();
  inventory.listing = [
    { ref: 'u2', number: '1002', connection: 'arm', node: nodes.site },
    { ref: 'u9', number: '2000', connection: 'other', node: nodes.otherCustomer },
  ];
  await inventory.replaceConnections();
  await inventory.restart();
  await waitUntil('the other customer to be brought in line', () => statusOf('2000', nodes.otherCustomer));
  expect([await statusOf('1001'), await statusOf('1002')]).toEqual(['USED', undefined]);
});

test('the uses of every customer are taken one after the other, those of one that lists nothing cool', async () => {
  const { nodes } = inventory;
  const there = (ref: string, number: string) => ({ ref, before: null, after: number });
  await inventory.tell('run1', [there('u1', '1001')]);
  await inventory.tell('run2', [there('u2', '1001'), there('u3', '1002')], 'otherCustomer', 'other');
  await waitUntil('the numbers to be used', async () => (await statusOf('1002', nodes.otherCustomer)) === 'USED');
  await inventory.inventory.drain();
  inventory.listing = [{ ref: 'u2', number: '1001', connection: 'other', node: nodes.otherCustomer }];
  await inventory.replaceConnections();
  inventory.asked.length = 0;
  await inventory.restart();
  const all = [nodes.customer, nodes.otherCustomer];
  await waitUntil('what is not listed to cool', async () => {
    const states = [await statusOf('1001'), await statusOf('1002', nodes.otherCustomer)];
    return states.every((status) => status === 'COOLING');
  });
  expect(inventory.asked.toSorted()).toEqual(all.toSorted());
  expect(await statusOf('1001', nodes.otherCustomer)).toBe('USED');
});

test('after the log was replaced the uses are taken from the listing: missing ones come, stale ones go, right ones stay', async () => {
  const there = (ref: string, number: string) => ({ ref, before: null, after: number });
  const used = (number = '') => waitUntil(`${number} to be used`, async () => (await statusOf(number)) === 'USED');
  const many = Array.from({ length: 700 }, (_, index) => `${20_000 + index}`);
  await inventory.tell(
    'run1',
    many.slice(0, 300).map((number, index) => there(`u${index}`, number)),
  );
  await used(many[299]);
  await inventory.inventory.drain();
  // Numbers 100 and up are listed; the first hundred are not, so their devices are gone.
  inventory.listing = many.slice(100).flatMap((number, index) => {
    const use = { ref: `u${index + 100}`, number, connection: 'arm', node: inventory.nodes.site };
    return index % 50 === 0 ? [use, { ...use, ref: `${use.ref}x` }] : [use];
  });
  await inventory.replaceConnections();
  const head = (await inventory.store.log.state()).head;
  await inventory.restart();
  await used(many[699]);
  await inventory.tell('run2', [there('last', '9')]);
  await used('9');
  const { data, nodes } = inventory;
  const { numberSummary } = await data<{ numberSummary: { byStatus: { status: string; count: number }[] } }>(
    `query ($within: ID!) { numberSummary(within: $within) { byStatus { status count } } }`,
    { within: nodes.site },
  );
  expect(numberSummary.byStatus.filter(({ count }) => count > 0)).toEqual([
    { status: 'USED', count: 601 },
    { status: 'COOLING', count: 100 },
  ]);
  expect((await inventory.store.log.state()).head - head).toBe(100 + 400 + 4 + 2);
});

test('a number that comes and goes between two looks cools as its node says', async () => {
  const { nodes, store, clock } = inventory;
  await inventory.data(`mutation ($input: SetMacroInput!) { setMacro(input: $input) { userErrors { message } } }`, {
    input: { node: nodes.site, name: 'audiocodes_cooling_duration', value: '30' },
  });
  let open = () => {};
  inventory.gate = new Promise((resolve) => (open = resolve));
  // It reads once the gate is open, so both are there by then.
  await waitUntil('the follower at the gate', () => {
    clock.advance(100);
    return inventory.waiting > 0;
  });
  await inventory.tell('run1', [{ ref: 'u1', before: null, after: '1001' }]);
  await inventory.tell('run2', [{ ref: 'u1', before: '1001', after: null }]);
  inventory.gate = undefined;
  open();
  await waitUntil('the number to cool', async () => (await statusOf('1001')) === 'COOLING');
  const number = await store.get(numberCollection, `${nodes.customer}:1001`);
  expect(Date.parse(number?.releaseDate ?? '') - Date.parse(number?.cooling?.since ?? '')).toBe(30 * 86_400_000);
});

test('a hundred conflicts with the longest references do not make an answer too large to be written', async () => {
  const many = Array.from({ length: 100 }, (_, index) => `${3000 + index}`);
  const { nodes, store } = inventory;
  await inventory.data(`mutation ($input: AddNumbersInput!) { addNumbers(input: $input) { userErrors { message } } }`, {
    input: { node: nodes.site, numbers: many },
  });
  // Each of the characters between takes two in JSON.
  const long = (length: number) => `x${'"'.repeat(length - 2)}x`;
  for (const number of many) {
    const input = { id: `${nodes.customer}:${number}`, ref: long(200), vendor: long(64), idempotencyKey: number };
    const mutation = `mutation ($input: AssignNumberInput!) { assignNumber(input: $input) { userErrors { message } } }`;
    expect(await inventory.data(mutation, { input })).toEqual({ assignNumber: { userErrors: [] } });
  }
  await inventory.tell(
    'run1',
    many.map((number, index) => ({ ref: `u${index}`, before: null, after: number })),
  );
  await waitUntil('all conflicts to be told', async () => {
    const { events } = await store.log.read({ after: 0, types: ['SyncBatchApplied'], limit: 100 });
    return events.flatMap(({ fields }) => fields['issues'] as object[]).length === 100;
  });
});

test('a batch of which every number has the longest texts is applied', async () => {
  const { nodes, store } = inventory;
  const place = { customer: nodes.customer, node: nodes.site, path: inventory.paths.site };
  // Each quote takes two characters in JSON.
  const extras = Array.from({ length: 10 }, (_, index) => ({
    name: `${index}`.padEnd(32, 'x'),
    value: '"'.repeat(255),
  }));
  const time = new Date(inventory.clock.now()).toISOString();
  const numberOf = (index: number) => `${4000 + index}`;
  for (let from = 0; from < 600; from += 200) {
    const made = Array.from({ length: 200 }, (_, index) => ({
      ...newNumber(place, numberOf(from + index), time, '"'.repeat(1000)),
      extras,
    }));
    await store.commit({ save: made.map((number) => saveNumber(number, 0)) });
  }
  const changes = Array.from({ length: 300 }, (_, index) => ({
    ref: `u${index}`,
    before: numberOf(index),
    after: numberOf(300 + index),
  }));
  await inventory.tell(
    'run1',
    changes.map(({ ref, before }) => ({ ref, before: null, after: before })),
  );
  await waitUntil('the numbers to be used', async () => (await statusOf(numberOf(299))) === 'USED');
  await inventory.tell('run2', changes);
  await waitUntil('the others to be used', async () => (await statusOf(numberOf(599))) === 'USED');
  expect(await statusOf(numberOf(0))).toBe('COOLING');
});
