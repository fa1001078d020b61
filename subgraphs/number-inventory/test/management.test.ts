/** Number management off and on again, and the homes of numbers that devices bring along. */
import type { Store } from '@numberyard/kit/storage/port';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { numbers as numberCollection } from '../src/models/number.js';
import { owedUses } from '../src/models/owed-uses.js';
import { openInventory, type TestInventory } from './inventory.js';

interface Answer {
  userErrors: { code: string; field: string | null; message: string }[];
  hierarchyNode?: { id: string; path: string };
  number?: { number: string };
}

let inventory: TestInventory;
/** Called with every commit that saves numbers. */
let onNumbers: (() => void) | undefined;
/** Awaited once before numbers are read in their order. */
let beforeReading: (() => Promise<unknown>) | undefined;

function watched(store: Store): Store {
  return new Proxy(store, {
    get(target, name): unknown {
      const value: unknown = Reflect.get(target, name);
      if (name === 'find') {
        return async (collection: Parameters<Store['find']>[0], find: Parameters<Store['find']>[1]) => {
          const hook = find.key === 'byNumber' ? beforeReading : undefined;
          if (hook) beforeReading = undefined;
          await hook?.();
          return target.find(collection, find);
        };
      }
      if (name !== 'commit') return typeof value === 'function' ? value.bind(target) : value;
      return async (commit: Parameters<Store['commit']>[0]) => {
        if (commit.save?.some(({ collection }) => collection === numberCollection.name)) onNumbers?.();
        return target.commit(commit);
      };
    },
  });
}

beforeEach(async () => {
  onNumbers = undefined;
  beforeReading = undefined;
  inventory = await openInventory({ wrap: watched });
  await inventory.inventory.start();
});
afterEach(() => inventory.close());

const SELECTIONS: Record<string, string> = {
  createHierarchyNode: 'hierarchyNode { id path }',
  updateHierarchyNode: 'hierarchyNode { id path }',
  retireHierarchyNode: 'hierarchyNode { id path }',
  addNumbers: 'numbers { id }',
  assignNumber: 'number { number }',
  claimNextAvailableNumber: 'number { number }',
};

async function mutate(name: string, input: object): Promise<Answer> {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  const source = `mutation ($input: ${type}!) { ${name}(input: $input) { ${SELECTIONS[name]} userErrors { code field message } } }`;
  return (await inventory.data<Record<string, Answer>>(source, { input }))[name] as Answer;
}

async function changed(name: string, input: object): Promise<Answer> {
  const answer = await mutate(name, input);
  expect(answer.userErrors).toEqual([]);
  return answer;
}

const numberAt = (number: string, customer = inventory.nodes.customer) =>
  inventory.store.get(numberCollection, `${customer}:${number}`);
const statusOf = async (number: string, customer?: string) => (await numberAt(number, customer))?.status;
const manage = (numberManagement: boolean) =>
  changed('updateHierarchyNode', { id: inventory.nodes.customer, numberManagement });
const issues = async () => {
  const { events } = await inventory.store.log.read({ after: 0, types: ['SyncBatchApplied'], limit: 100 });
  return events.flatMap(({ fields }) => fields['issues'] as { kind: string; subject: string; message: string }[]);
};
/** The workers look at least once a second of their clock. */
const waitFor = <T>(what: string, condition: () => Promise<T>) =>
  waitUntil(what, async () => {
    inventory.clock.advance(100);
    return condition();
  });
const settled = () =>
  waitFor('the uses to be taken', async () => !(await inventory.store.get(owedUses, inventory.nodes.customer)));

describe('number management off', () => {
  test('nothing is added, claimed or assigned, and a sync leaves numbers alone and says so', async () => {
    const { customer, site } = inventory.nodes;
    await changed('addNumbers', { node: site, numbers: ['1001'] });
    await manage(false);
    const assignment = { ref: 'someone', idempotencyKey: 'k' };
    const answers = [
      await mutate('addNumbers', { node: site, numbers: ['1002'] }),
      await mutate('claimNextAvailableNumber', { node: site, ...assignment }),
      await mutate('assignNumber', { id: `${customer}:1001`, ...assignment }),
    ];
    expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual(
      ['node', 'node', 'id'].map((field) => ({
        code: 'NUMBER_MANAGEMENT_OFF',
        field,
        message: 'Number management is switched off for customer.',
      })),
    );
    await inventory.tell('run1', [
      { ref: 'u1', before: null, after: '1001' },
      { ref: 'u2', before: null, after: '1003' },
    ]);
    await waitFor('the issue', async () => (await issues()).length > 0);
    expect(await issues()).toEqual([
      {
        kind: 'NUMBER_MANAGEMENT_OFF',
        subject: 'customer',
        message: 'Number management is off for customer; 2 changes were left alone.',
      },
    ]);
    expect([await statusOf('1001'), await statusOf('1003')]).toEqual(['AVAILABLE', undefined]);
  });

  test('switched on again, what registered meanwhile is Used and what vanished cools', async () => {
    const { nodes, store } = inventory;
    await inventory.tell('run1', [
      { ref: 'stays', before: null, after: '1001' },
      { ref: 'goes', before: null, after: '1002' },
    ]);
    await inventory.tell('other', [{ ref: 'o', before: null, after: '1002' }], 'otherCustomer', 'other');
    await waitFor('the numbers to be used', async () => (await statusOf('1002', nodes.otherCustomer)) === 'USED');
    await manage(false);
    await inventory.tell('run2', [
      { ref: 'goes', before: '1002', after: null },
      { ref: 'comes', before: null, after: '1003' },
    ]);
    await waitFor('the issue', async () => (await issues()).length > 0);
    expect([await statusOf('1002'), await statusOf('1003')]).toEqual(['USED', undefined]);
    inventory.listing = [
      { ref: 'stays', number: '1001', connection: 'arm', node: nodes.site },
      { ref: 'comes', number: '1003', connection: 'arm', node: nodes.site },
      // Nothing of another customer is touched, however the listing differs from what is known of it.
      { ref: 'x', number: '1009', connection: 'other', node: nodes.otherCustomer },
    ];
    await manage(true);
    await settled();
    expect([await statusOf('1001'), await statusOf('1002'), await statusOf('1003')]).toEqual([
      'USED',
      'COOLING',
      'USED',
    ]);
    expect([await statusOf('1002', nodes.otherCustomer), await statusOf('1009', nodes.otherCustomer)]).toEqual([
      'USED',
      undefined,
    ]);
    expect(inventory.asked).toEqual([nodes.customer]);
    const told = await store.log.read({ after: 0, types: ['NumberUsesTaken'], limit: 10 });
    expect(told.events.map(({ entity, fields }) => [entity, fields])).toEqual([
      [`HierarchyNode:${nodes.customer}`, { customer: nodes.customer }],
    ]);
  });

  test('no number is handed out before the uses have been taken', async () => {
    const { nodes } = inventory;
    await changed('addNumbers', { node: nodes.site, numbers: ['1001', '1002'] });
    await manage(false);
    await inventory.tell('run1', [{ ref: 'u1', before: null, after: '1001' }]);
    await waitFor('the issue', async () => (await issues()).length > 0);
    inventory.listing = [{ ref: 'u1', number: '1001', connection: 'arm', node: nodes.site }];
    await manage(true);
    let claimed: Answer | undefined;
    void mutate('claimNextAvailableNumber', { node: nodes.site, ref: 'someone', idempotencyKey: 'k' }).then(
      (answer) => (claimed = answer),
    );
    // Something to follow wakes the worker, so that the clock need not move on and the claim not give up.
    await inventory.tell('run2', []);
    await waitUntil('the uses to be taken', async () => !(await inventory.store.get(owedUses, nodes.customer)));
    const answer = await waitUntil('the claim', () => {
      inventory.clock.advance(1);
      return claimed;
    });
    expect(answer.number?.number).toBe('1002');
  });

  test('while the uses cannot be taken, a claim is refused after a while', async () => {
    const { nodes } = inventory;
    await changed('addNumbers', { node: nodes.site, numbers: ['1001'] });
    await manage(false);
    await inventory.inventory.drain();
    await manage(true);
    let answer: Answer | undefined;
    void mutate('claimNextAvailableNumber', { node: nodes.site, ref: 'someone', idempotencyKey: 'k' }).then(
      (claimed) => (answer = claimed),
    );
    const refusal = await waitFor('the refusal', () => Promise.resolve(answer?.userErrors));
    expect(refusal).toEqual([
      { code: 'NUMBER_MANAGEMENT_OFF', field: 'node', message: 'Number management is being switched on for customer.' },
    ]);
  });

  test('switched on while the uses are being taken, no number cools that is registered', async () => {
    const { customer, site } = inventory.nodes;
    await inventory.tell('run1', [{ ref: 'u1', before: null, after: '1001' }]);
    await waitFor('the number to be used', async () => (await statusOf('1001')) === 'USED');
    inventory.listing = [{ ref: 'u1', number: '1001', connection: 'arm', node: site }];
    await inventory.inventory.drain();
    // The uses are due, but number management is off as they begin to be taken.
    for (const on of [false, true, false]) await manage(on);
    beforeReading = () => manage(true);
    await inventory.restart();
    await settled();
    expect(beforeReading).toBeUndefined();
    const history = await inventory.store.log.ofEntity(`InventoryNumber:${customer}:1001`, { limit: 10 });
    expect(history.map(({ type }) => type)).toEqual(['NumberAdded']);
    expect(await statusOf('1001')).toBe('USED');
  });

  test('a process that ends in the middle of taking the uses leaves the rest to the next', async () => {
    const { nodes } = inventory;
    const many = Array.from({ length: 700 }, (_, index) => String(20_000 + index));
    await manage(false);
    inventory.listing = many.map((number, index) => ({
      ref: `u${index}`,
      number,
      connection: 'arm',
      node: nodes.site,
    }));
    let batches = 0;
    let drained: Promise<void> | undefined;
    onNumbers = () => {
      batches += 1;
      if (batches === 1) drained = inventory.inventory.drain();
    };
    await manage(true);
    await waitFor('the first batch', () => Promise.resolve(drained !== undefined));
    await drained;
    onNumbers = undefined;
    expect(batches).toBe(1);
    expect([await statusOf('20000'), await statusOf('20699')]).toEqual(['USED', undefined]);
    expect(await inventory.store.get(owedUses, nodes.customer)).toBeDefined();
    await inventory.restart();
    await settled();
    for (const number of many) expect(await statusOf(number)).toBe('USED');
  });
});

describe('numbers that devices bring along', () => {
  let coded: { id: string; path: string };
  beforeEach(async () => {
    const { customer, site, otherSite } = inventory.nodes;
    await changed('updateHierarchyNode', { id: customer, dialPlan: 'SITE_LOCATION_CODES' });
    await changed('updateHierarchyNode', { id: site, siteLocationCode: '81' });
    await changed('updateHierarchyNode', { id: otherSite, siteLocationCode: '82' });
    coded = { id: customer, path: inventory.paths.customer };
  });
  const homeOf = async (number: string) => (await numberAt(number))?.node;

  test('live at the site whose code they begin with, wherever the connection is', async () => {
    const { site, otherSite } = inventory.nodes;
    await inventory.tell('run1', [
      { ref: 'u1', before: null, after: '8110' },
      { ref: 'u2', before: null, after: '8210' },
    ]);
    await inventory.tell('run2', [{ ref: 'u3', before: null, after: '8111' }], 'customer');
    await waitFor('the last number', () => homeOf('8111'));
    expect([await homeOf('8110'), await homeOf('8210'), await homeOf('8111')]).toEqual([site, otherSite, site]);
    expect(await issues()).toEqual([]);
  });

  test('are an issue when no site has such a code, and are made once one has', async () => {
    inventory.listing = [
      { ref: 'u1', number: '8310', connection: 'arm', node: coded.id },
      { ref: 'u2', number: '9910', connection: 'arm', node: coded.id },
    ];
    await inventory.tell(
      'run1',
      [
        { ref: 'u1', before: null, after: '8310' },
        { ref: 'u2', before: null, after: '9910' },
      ],
      'customer',
    );
    await waitFor('the issues', async () => (await issues()).length === 2);
    const message = 'It begins with the code of no site of customer, so it was not created.';
    expect(await issues()).toEqual(['8310', '9910'].map((subject) => ({ kind: 'NUMBER_MISPLACED', subject, message })));
    const site = { parent: coded.id, type: 'SITE', name: 'third', siteLocationCode: '83' };
    const { hierarchyNode } = await changed('createHierarchyNode', site);
    await waitFor('the number', async () => (await statusOf('8310')) === 'USED');
    expect(await homeOf('8310')).toBe(hierarchyNode?.id);
    await waitFor('the rest to be owed', async () => !(await inventory.store.get(owedUses, coded.id))?.due);
    await changed('createHierarchyNode', { ...site, name: 'fourth', siteLocationCode: '9' });
    await waitFor('the other number', async () => (await statusOf('9910')) === 'USED');
    await settled();
  });

  test('are made at the node of the connection once the dial plan has no codes any more', async () => {
    inventory.listing = [{ ref: 'u1', number: '9910', connection: 'arm', node: coded.id }];
    await inventory.tell('run1', [{ ref: 'u1', before: null, after: '9910' }], 'customer');
    await waitFor('the issue', async () => (await issues()).length > 0);
    await changed('updateHierarchyNode', { id: coded.id, dialPlan: 'FLAT' });
    await settled();
    expect([await statusOf('9910'), await homeOf('9910')]).toEqual(['USED', coded.id]);
  });
});

test('a retired site gets no numbers from the devices of its connection', async () => {
  const { site } = inventory.nodes;
  await changed('retireHierarchyNode', { id: site });
  await inventory.tell('run1', [{ ref: 'u1', before: null, after: '1001' }]);
  await waitFor('the issue', async () => (await issues()).length > 0);
  expect(await issues()).toEqual([
    { kind: 'NUMBER_MISPLACED', subject: '1001', message: 'site is retired, so the number was not created.' },
  ]);
  expect(await numberAt('1001')).toBeUndefined();
});
