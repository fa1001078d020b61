/** Corrections that an audit asks for: what is made of them, where numbers are made, what an audit reads, and what is kept. */
import { save } from '@numberyard/kit/storage/port';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterEach, describe, expect, test } from 'vitest';
import { markOf } from '../src/domain/audited-number.js';
import { numberId } from '../src/domain/number.js';
import { correctionBatches } from '../src/models/correction-batch.js';
import { nodes as nodeCollection } from '../src/models/node.js';
import {
  ask,
  askUntilDone,
  batchOf,
  changeCustomer,
  device,
  eventsOf,
  inventory,
  kindsOf,
  lookedAt,
  numberOf,
  put,
  register,
  service,
  started,
} from './auditing.js';
import type { Nodes } from './inventory.js';

afterEach(() => inventory.close());

for (const hostile of [undefined, 23]) {
  describe(hostile === undefined ? 'corrections' : 'corrections over a hostile store', () => {
    const open = () => started(hostile === undefined ? {} : { hostile });

    test('a number that is used is created although it is associated with another, which its correction says', async () => {
      await open();
      await put('1001', { e164: '+4930700' });
      const answer = await askUntilDone(batchOf([await lookedAt('+4930700', [service('s1')])]));
      const cause =
        'Used by phone s1. The number was not in the inventory. ' +
        'It is also the E.164 number associated with 1001; both stand until that association is changed.';
      expect(answer).toMatchObject({ corrections: [{ kind: 'CREATED', cause }] });
    });

    test('numbers are created, marked, freed and left alone, each with its event, in one commit', async () => {
      await open();
      await put('1001');
      await put('1002', { uses: [device('gone')] });
      await put('1003', {
        uses: [{ source: 'SERVICE', ref: 'gone', usage: 'DEVICE', since: '2025-01-01T00:00:00.000Z' }],
      });
      await put('1004', { reservation: { reservedAt: '2025-01-01T00:00:00.000Z' } });
      await register('u1', '1000', false);
      const head = (await inventory.store.log.state()).head;
      const answer = await askUntilDone(
        batchOf([
          await lookedAt('1000'),
          await lookedAt('1001', [service('s1', 'site', 'HUNT_PILOT')]),
          await lookedAt('1002'),
          await lookedAt('1003'),
          await lookedAt('1004', [service('s4')]),
        ]),
      );
      expect(kindsOf(answer)).toEqual([
        '1000 CREATED',
        '1001 MARKED_USED',
        '1002 COOLED',
        '1003 FREED',
        '1004 SKIPPED_RESERVED',
      ]);
      expect(await numberOf('1000')).toMatchObject({
        status: 'USED',
        node: inventory.nodes.customer,
        connection: 'arm',
      });
      expect(await numberOf('1001')).toMatchObject({ status: 'USED_UTILITY', usage: ['HUNT_PILOT'] });
      expect(await numberOf('1002')).toMatchObject({ status: 'COOLING', vendor: 'AudioCodes' });
      expect(await numberOf('1003')).toMatchObject({ status: 'AVAILABLE', uses: [] });
      expect(await numberOf('1004')).toMatchObject({ status: 'RESERVED', uses: [] });
      const { events } = await inventory.store.log.read({ after: head, limit: 100 });
      expect(events.map(({ type, cause, actor }) => [type, cause, actor.id])).toEqual(
        ['NumberAdded', 'NumberUsed', 'NumberCoolingStarted', 'NumberFreed'].map((type) => [
          type,
          'audit:run',
          'audit',
        ]),
      );
      if (answer.state !== 'DONE') return;
      const [created, marked] = answer.corrections;
      expect(created).toMatchObject({
        id: numberId(inventory.nodes.customer, '1000'),
        path: inventory.paths.customer,
        before: null,
        after: { status: 'USED', usage: ['DEVICE'], vendor: 'AudioCodes', node: inventory.nodes.customer },
        cause: 'Used by registered user u1 (SBC) of connection arm. The number was not in the inventory.',
      });
      expect(marked).toMatchObject({
        before: { status: 'AVAILABLE', usage: [], vendor: null, releaseDate: null, node: inventory.nodes.site },
        after: { status: 'USED_UTILITY', usage: ['HUNT_PILOT'] },
        cause: 'Used by phone s1. The number was Available.',
      });
    });

    test('a batch that is asked for again is answered as the first time, and nothing is done twice', async () => {
      await open();
      await put('1001');
      const batch = batchOf([await lookedAt('1001', [service('s1')])]);
      const first = await askUntilDone(batch);
      const { version } = (await numberOf('1001')) ?? {};
      // Not even with something else in it.
      expect(await askUntilDone({ ...batch, numbers: [await lookedAt('1001')] })).toEqual(first);
      await inventory.restart();
      expect(await askUntilDone(batch)).toEqual(first);
      expect((await numberOf('1001'))?.version).toBe(version);

      const next = batchOf([await lookedAt('1001')], { batch: 2 });
      expect(kindsOf(await askUntilDone(next))).toEqual(['1001 FREED']);
      expect(await askUntilDone(batch)).toMatchObject({ state: 'REFUSED', code: 'OUT_OF_STEP' });
      expect(await eventsOf('1001')).toEqual(['NumberUsed audit:run', 'NumberFreed audit:run']);
    });
  });
}

describe('a dry run', () => {
  test('tells what the batch would come to and writes nothing', async () => {
    await started();
    await put('1001');
    await put('1002', { uses: [device('gone')] });
    await register('u1', '1000', false);
    const numbers = [await lookedAt('1000'), await lookedAt('1001', [service('s1')]), await lookedAt('1002')];
    const state = await inventory.store.log.state();
    const docs = await Promise.all(['1000', '1001', '1002'].map(numberOf));
    const proposed = await askUntilDone(batchOf(numbers, { dryRun: true }));
    expect(await inventory.store.log.state()).toEqual(state);
    expect(await Promise.all(['1000', '1001', '1002'].map(numberOf))).toEqual(docs);
    expect(await inventory.store.get(correctionBatches, 'run')).toBeUndefined();
    expect(kindsOf(proposed)).toEqual(['1000 CREATED', '1001 MARKED_USED', '1002 COOLED']);
    expect(kindsOf(await askUntilDone(batchOf(numbers)))).toEqual(kindsOf(proposed));
  });

  test('waits for what was told before', async () => {
    await started();
    await inventory.inventory.drain();
    await register('u1', '1001');
    const batch = batchOf([await lookedAt('1001')], { dryRun: true });
    expect(await ask(batch)).toEqual({ state: 'PENDING' });
    await inventory.restart();
    expect(kindsOf(await askUntilDone(batch))).toEqual(['1001 UNCHANGED']);
  });

  test('is refused like a run', async () => {
    await started();
    await changeCustomer({ numberManagement: false });
    const answer = await askUntilDone(batchOf([await lookedAt('1001', [service('s1')])], { dryRun: true }));
    expect(answer).toMatchObject({ state: 'REFUSED', code: 'NUMBER_MANAGEMENT_OFF' });
  });
});

describe('where numbers are made', () => {
  const homeOf = async (value: string) => {
    const node = (await numberOf(value))?.node;
    return Object.entries(inventory.nodes).find(([, id]) => id === node)?.[0];
  };

  test('at site level at the site of the first use in order of node and reference, of those that are audited', async () => {
    await started();
    const { nodes } = inventory;
    const [first, second] =
      nodes.site < nodes.otherSite ? (['site', 'otherSite'] as const) : (['otherSite', 'site'] as const);
    const both = [service('a', second), service('b', first), service('c', 'customer')];
    const numbers = [await lookedAt('1001', both)];
    await askUntilDone(batchOf(numbers, { level: 'SITE' }));
    expect(await homeOf('1001')).toBe(first);
    const some = batchOf([await lookedAt('1002', both)], { level: 'SITE', sites: [nodes[second]], batch: 2 });
    await askUntilDone(some);
    expect(await homeOf('1002')).toBe(second);
    const none = batchOf([await lookedAt('1003', [service('c', 'customer')])], { level: 'SITE', batch: 3 });
    expect(kindsOf(await askUntilDone(none))).toEqual(['1003 OUT_OF_SCOPE']);
  });

  test('under site location codes at the site whose code fits, whoever uses it, as long as that site is audited', async () => {
    await started();
    const { nodes, store } = inventory;
    await changeCustomer({ dialPlan: 'SITE_LOCATION_CODES' });
    for (const [name, siteLocationCode] of [
      ['site', '71'],
      ['otherSite', '72'],
    ] as const) {
      const site = await store.get(nodeCollection, nodes[name]);
      if (site)
        await store.commit({ save: [save(nodeCollection, { ...site, siteLocationCode, codeOwner: nodes.customer })] });
    }
    const values: [string, keyof Nodes][] = [
      ['7101', 'customer'],
      ['7201', 'site'],
      ['99', 'site'],
      ['71', 'otherSite'],
    ];
    const numbers = await Promise.all(values.map(([value, place]) => lookedAt(value, [service(`s${value}`, place)])));
    const one = batchOf(numbers, { level: 'SITE', sites: [nodes.otherSite] });
    expect(kindsOf(await askUntilDone(one))).toEqual([
      '7101 OUT_OF_SCOPE',
      '7201 CREATED',
      '99 OUT_OF_SCOPE',
      '71 NO_HOME',
    ]);
    const all = batchOf(await Promise.all(numbers.map(({ number, services }) => lookedAt(number, services))), {
      level: 'SITE',
      batch: 2,
    });
    expect(kindsOf(await askUntilDone(all))).toEqual(['7101 CREATED', '7201 UNCHANGED', '99 NO_HOME', '71 NO_HOME']);
    expect([await homeOf('7101'), await homeOf('7201')]).toEqual(['site', 'otherSite']);
  });
});

describe('what an audit reads', () => {
  test('every number once, in order, with all that is judged by, page by page', async () => {
    await started();
    const { internal } = inventory.inventory;
    const { customer, site, otherCustomer } = inventory.nodes;
    const values = ['+491', '1001', '1002', '200', '3'];
    for (const [index, value] of values.entries())
      await put(value, index === 2 ? { uses: [device('u1')] } : {}, index % 2 === 0 ? 'site' : 'customer');
    const seen = [];
    let after: string | undefined;
    do {
      const page = await internal.auditedNumbers(customer, after, 2);
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items);
      after = page.after;
    } while (after !== undefined);
    expect(seen.map(({ number, level }) => [number, level])).toEqual(
      values.map((value, index) => [value, index % 2 === 0 ? 'SITE' : 'CUSTOMER']),
    );
    const one = await numberOf('1002');
    expect(seen[2]).toEqual({
      number: '1002',
      node: site,
      level: 'SITE',
      status: 'USED',
      uses: [{ source: 'REGISTERED_USER', ref: 'u1', usage: 'DEVICE', vendor: 'AudioCodes' }],
      consistent: true,
      mark: one && markOf(one),
    });
    expect(await internal.auditedNode(customer)).toMatchObject({
      node: { type: 'CUSTOMER', dialPlan: 'FLAT' },
      numbers: 5,
    });
    expect(await internal.auditedNode(otherCustomer)).toMatchObject({ numbers: 0 });
    expect(await internal.auditedNode('nobody')).toBeUndefined();
    expect(await internal.auditedNumbers(otherCustomer, undefined, 10)).toEqual({ items: [] });
  });
});

test('an assignment ends and a service stays: who releases cannot free what a service uses', async () => {
  await started();
  await put('1001');
  await askUntilDone(batchOf([await lookedAt('1001', [service('s1')])]));
  const input = { id: numberId(inventory.nodes.customer, '1001'), idempotencyKey: 'k' };
  const release = `mutation ($input: ReleaseNumberInput!) { releaseNumber(input: $input) { userErrors { code message } } }`;
  const message = 'A service uses 1001; delete the service, and the next audit frees the number.';
  expect(await inventory.data(release, { input })).toEqual({
    releaseNumber: { userErrors: [{ code: 'NUMBER_OWNED_BY_DEVICE', message }] },
  });
});

test('what is kept of corrections goes after seven days', async () => {
  const day = 86_400_000;
  await started();
  await askUntilDone(batchOf([]));
  inventory.clock.advance(6 * day);
  await askUntilDone(batchOf([], { run: 'young' }));
  inventory.clock.advance(day);
  await waitUntil('the old batch to be forgotten', async () => {
    inventory.clock.advance(60_000);
    return (await inventory.store.get(correctionBatches, 'run')) === undefined;
  });
  expect(await inventory.store.get(correctionBatches, 'young')).toBeDefined();
});
