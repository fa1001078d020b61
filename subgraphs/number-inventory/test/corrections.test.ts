/** Corrections that an audit asks for, made between two steps of following the connections: what comes in between, what comes twice, and what dies in the middle. */
import { StoreError, type Commit, type Store } from '@numberyard/kit/storage/port';
import { save } from '@numberyard/kit/storage/port';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { entity } from '@numberyard/schema/events';
import type { CorrectedNumber, CorrectionAnswer, CorrectionBatch, ListedService } from '@numberyard/schema/internal';
import { afterEach, describe, expect, test } from 'vitest';
import { newNumber, numberId, type InventoryNumber } from '../src/domain/number.js';
import { markOf } from '../src/domain/audited-number.js';
import { correctionBatches } from '../src/models/correction-batch.js';
import { nodes as nodeCollection } from '../src/models/node.js';
import { numbers as numberCollection, saveNumber, type NumberDoc } from '../src/models/number.js';
import { openInventory, type Nodes, type TestInventory } from './inventory.js';

let inventory: TestInventory;
afterEach(() => inventory.close());

async function started(options: Parameters<typeof openInventory>[0] = {}): Promise<TestInventory> {
  inventory = await openInventory(options);
  await inventory.inventory.start();
  return inventory;
}

/** Let the clock run while something is under way. */
async function passing<T>(what: string, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settled = () => (isSettled = true);
  promise.then(settled, settled);
  await waitUntil(what, () => {
    inventory.clock.advance(25);
    return isSettled;
  });
  return promise;
}

async function ask(batch: CorrectionBatch): Promise<CorrectionAnswer> {
  return passing('an answer', inventory.inventory.internal.correctNumbers(batch));
}

/** As an audit asks: again while it is not done. */
async function askUntilDone(batch: CorrectionBatch): Promise<Exclude<CorrectionAnswer, { state: 'PENDING' }>> {
  for (;;) {
    const answer = await ask(batch);
    if (answer.state !== 'PENDING') return answer;
  }
}

async function numberOf(value: string): Promise<NumberDoc | undefined> {
  return inventory.store.get(numberCollection, numberId(inventory.nodes.customer, value));
}

/** A number of the customer as it stands, whatever really uses it. */
async function put(
  value: string,
  state: Partial<InventoryNumber> = {},
  place: 'customer' | 'site' | 'otherSite' = 'site',
) {
  const at = { customer: inventory.nodes.customer, node: inventory.nodes[place], path: inventory.paths[place] };
  const time = new Date(inventory.clock.now()).toISOString();
  const number = { ...newNumber(at, value, time), ...state };
  await waitUntil('the number to be there', async () => {
    const version = (await numberOf(value))?.version ?? 0;
    return (await inventory.store.commit({ save: [saveNumber(number, version)] })).ok;
  });
}

/** What an audit hands over of a number, looked at now. */
async function lookedAt(value: string, services: readonly ListedService[] = []): Promise<CorrectedNumber> {
  const number = await numberOf(value);
  return { number: value, mark: number ? markOf(number) : null, services };
}

function service(ref: string, place: keyof Nodes = 'site', usage = 'DEVICE'): ListedService {
  return { ref, usage, vendor: null, node: inventory.nodes[place], usedBy: `phone ${ref}` };
}

function batchOf(numbers: readonly CorrectedNumber[], more: Partial<CorrectionBatch> = {}): CorrectionBatch {
  const { customer } = inventory.nodes;
  return { run: 'run', batch: 1, customer, level: 'CUSTOMER', sites: null, dryRun: false, numbers, ...more };
}

function kindsOf(answer: CorrectionAnswer): string[] {
  if (answer.state !== 'DONE') throw new Error(`the batch is ${answer.state}`);
  return answer.corrections.map(({ number, kind }) => `${number} ${kind}`);
}

async function changeCustomer(change: Record<string, unknown>): Promise<void> {
  const customer = await inventory.store.get(nodeCollection, inventory.nodes.customer);
  if (!customer) throw new Error('there is no customer');
  await inventory.store.commit({ save: [save(nodeCollection, { ...customer, ...change })] });
}

async function eventsOf(value: string): Promise<string[]> {
  const id = numberId(inventory.nodes.customer, value);
  const events = await inventory.store.log.ofEntity(entity.number(id), { limit: 100 });
  return events.reverse().map(({ type, cause }) => `${type} ${cause ?? ''}`);
}

const device = (ref: string, since = '2025-01-01T00:00:00.000Z') =>
  ({ source: 'REGISTERED_USER', ref, usage: 'DEVICE', vendor: 'AudioCodes', connection: 'arm', since }) as const;

/** The device has the number, or has it no more, as its owner lists it and tells of it. */
async function register(ref: string, number: string, tell = true): Promise<void> {
  inventory.listing = [...inventory.listing, { ref, number, connection: 'arm', node: inventory.nodes.site }];
  if (tell) await inventory.tell('sync', [{ ref, before: null, after: number }]);
}
async function leave(ref: string, number: string, tell = true): Promise<void> {
  inventory.listing = inventory.listing.filter((use) => use.ref !== ref);
  if (tell) await inventory.tell('sync', [{ ref, before: number, after: null }]);
}

/** Everything told has been applied. */
async function followed(): Promise<void> {
  const { run } = { run: `end-${Math.random()}` };
  await inventory.tellApplying(run);
  await waitUntil('what was told to be applied', async () => {
    inventory.clock.advance(25);
    const { events } = await inventory.store.log.read({ after: 0, types: ['SyncRunApplied'], limit: 1_000 });
    return events.some(({ fields }) => fields['run'] === run);
  });
}

for (const hostile of [undefined, 23]) {
  describe(hostile === undefined ? 'corrections' : 'corrections over a hostile store', () => {
    const open = () => started(hostile === undefined ? {} : { hostile });

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
      await expect(inventory.inventory.internal.correctNumbers(batch)).rejects.toThrow('comes after batch 2');
      expect(await eventsOf('1001')).toEqual(['NumberUsed audit:run', 'NumberFreed audit:run']);
    });

    describe('a device registers or leaves while its number is audited, and no interleaving ends wrong', () => {
      // What the inventory has of the number beforehand, and what is true of it.
      const before: Record<string, { inventory: 'none' | 'available' | 'u1'; real: string[] }> = {
        'a number that is not there': { inventory: 'none', real: [] },
        'a number that is not there and is used': { inventory: 'none', real: ['u1'] },
        'a number that is Available': { inventory: 'available', real: [] },
        'a number that is Available and is used': { inventory: 'available', real: ['u1'] },
        'a number that is used': { inventory: 'u1', real: ['u1'] },
        'a number that is kept as used and is not': { inventory: 'u1', real: [] },
      };
      const happenings: Record<string, () => Promise<void>> = {
        'another device registers': () => register('u2', '1001'),
        'its device leaves': () => leave('u1', '1001'),
        'its device leaves and comes back': async () => {
          await leave('u1', '1001');
          await register('u1', '1001');
        },
        'its device goes to another number': async () => {
          await leave('u1', '1001', false);
          await register('u1', '1002', false);
          await inventory.tell('sync', [{ ref: 'u1', before: '1001', after: '1002' }]);
        },
        'it passes to another device': async () => {
          await leave('u1', '1001');
          await register('u2', '1001');
        },
      };
      const moments = [
        'before it is looked at',
        'before it is asked for',
        'before the uses are read',
        'after the uses are read',
        'after it is done',
      ];
      const cases = Object.keys(before).flatMap((state) =>
        Object.keys(happenings).map((what) => [state, what] as const),
      );

      test.each(cases)('%s: %s', async (state, what) => {
        await open();
        const happen = happenings[what] ?? (() => Promise.resolve());
        for (const [index, moment] of moments.entries()) {
          const { inventory: kept, real } = before[state] ?? { inventory: 'none', real: [] };
          await forget();
          if (kept !== 'none') await put('1001', kept === 'u1' ? { uses: [device('u1')] } : {});
          for (const ref of real) await register(ref, '1001', false);
          if (moment === 'before it is looked at') await happen();
          const numbers = [await lookedAt('1001'), await lookedAt('1002')];
          if (moment === 'before it is asked for') await happen();
          if (moment === 'before the uses are read') inventory.beforeUses = happen;
          if (moment === 'after the uses are read') inventory.afterUses = happen;
          await askUntilDone(batchOf(numbers, { batch: index + 1 }));
          if (moment === 'after it is done') await happen();
          await followed();
          // What the audit left because it changed meanwhile the next one puts right.
          const again = [await lookedAt('1001'), await lookedAt('1002')];
          await askUntilDone(batchOf(again, { run: 'next', batch: index + 1 }));
          for (const value of ['1001', '1002']) {
            const number = await numberOf(value);
            const users = inventory.listing.filter((use) => use.number === value).map(({ ref }) => ref);
            expect([moment, number?.uses.map(({ ref }) => ref).sort() ?? []]).toEqual([moment, users.sort()]);
            const isInUse = number?.status === 'USED';
            // A device whose number cools is left to the sync, which has told of it here in every case that is not the inventory's error.
            expect([moment, value, isInUse]).toEqual([moment, value, users.length > 0]);
          }
        }
      });

      async function forget(): Promise<void> {
        inventory.listing = [];
        for (const value of ['1001', '1002']) {
          const number = await numberOf(value);
          if (!number) continue;
          const { collection, id, version } = { collection: 'numbers', id: number.id, version: number.version };
          await waitUntil(
            'the number to be gone',
            async () => (await inventory.store.commit({ remove: [{ collection, id, version }] })).ok,
          );
        }
      }
    });
  });
}

describe('what comes in between', () => {
  test('a number that somebody takes while it is judged is left alone', async () => {
    await started();
    await put('1001');
    const numbers = [await lookedAt('1001', [service('s1')])];
    inventory.afterUses = async () => {
      const input = { id: numberId(inventory.nodes.customer, '1001'), ref: 'order 7', idempotencyKey: 'k' };
      await inventory.data(
        `mutation ($input: AssignNumberInput!) { assignNumber(input: $input) { userErrors { message } } }`,
        { input },
      );
    };
    expect(kindsOf(await askUntilDone(batchOf(numbers)))).toEqual(['1001 CHANGED_MEANWHILE']);
    expect((await numberOf('1001'))?.uses.map(({ ref }) => ref)).toEqual(['order 7']);
  });

  test('number management is switched off: the whole batch is refused, and nothing of it done', async () => {
    await started();
    await put('1001');
    await put('1002');
    const numbers = [await lookedAt('1001', [service('s1')]), await lookedAt('1002', [service('s2')])];
    inventory.afterUses = () => changeCustomer({ numberManagement: false });
    const answer = await askUntilDone(batchOf(numbers));
    expect(answer).toMatchObject({ state: 'REFUSED', code: 'NUMBER_MANAGEMENT_OFF' });
    expect([(await numberOf('1001'))?.status, (await numberOf('1002'))?.status]).toEqual(['AVAILABLE', 'AVAILABLE']);
    await changeCustomer({ numberManagement: true });
    expect(await askUntilDone(batchOf(numbers))).toEqual(answer);
  });

  test('the dial plan comes to have site location codes: no customer is audited at customer level any more', async () => {
    await started();
    const numbers = [await lookedAt('1001', [service('s1')])];
    inventory.afterUses = () => changeCustomer({ dialPlan: 'SITE_LOCATION_CODES' });
    expect(await askUntilDone(batchOf(numbers))).toMatchObject({ state: 'REFUSED', code: 'DIAL_PLAN' });
    expect(await numberOf('1001')).toBeUndefined();
  });

  test('the site a number is to be made at is retired: it is not made', async () => {
    await started();
    const numbers = [await lookedAt('1001', [service('s1')])];
    inventory.afterUses = async () => {
      const site = await inventory.store.get(nodeCollection, inventory.nodes.site);
      if (site) await inventory.store.commit({ save: [save(nodeCollection, { ...site, retired: true })] });
    };
    expect(kindsOf(await askUntilDone(batchOf(numbers, { level: 'SITE' })))).toEqual(['1001 NO_HOME']);
    expect(await numberOf('1001')).toBeUndefined();
  });

  test('what was told before the batch is applied first, however long that takes', async () => {
    await started();
    let openGate = () => {};
    inventory.gate = new Promise((resolve) => (openGate = resolve));
    const numbers = [await lookedAt('1001')];
    await register('u1', '1001');
    expect(await ask(batchOf(numbers))).toEqual({ state: 'PENDING' });
    expect(await numberOf('1001')).toBeUndefined();
    inventory.gate = undefined;
    openGate();
    expect(kindsOf(await askUntilDone(batchOf(numbers)))).toEqual(['1001 UNCHANGED']);
    expect(await eventsOf('1001')).toEqual(['NumberAdded sync:sync']);
  });

  test('the log of the connections is replaced: the batch waits for the inventory to be brought in line, no longer', async () => {
    await started();
    let openGate = () => {};
    inventory.gate = new Promise((resolve) => (openGate = resolve));
    await register('u1', '1001');
    const batch = batchOf([await lookedAt('1001')]);
    expect(await ask(batch)).toEqual({ state: 'PENDING' });
    const drained = inventory.inventory.drain();
    inventory.gate = undefined;
    openGate();
    await drained;
    await inventory.replaceConnections();
    await inventory.restart();
    expect(kindsOf(await askUntilDone(batch))).toEqual(['1001 UNCHANGED']);
    expect(await numberOf('1001')).toMatchObject({ status: 'USED', node: inventory.nodes.site });
  });

  test('uses that cannot be read keep a batch waiting, and nothing else', async () => {
    await started();
    const batch = batchOf([await lookedAt('1001', [service('s1')])]);
    const fail = () => {
      inventory.beforeUses = fail;
      return Promise.reject(new Error('the connections are away'));
    };
    inventory.beforeUses = fail;
    expect(await ask(batch)).toEqual({ state: 'PENDING' });
    await register('u2', '1002');
    await followed();
    expect((await numberOf('1002'))?.status).toBe('USED');
    expect(await ask(batch)).toEqual({ state: 'PENDING' });
    inventory.beforeUses = undefined;
    expect(kindsOf(await askUntilDone(batch))).toEqual(['1001 CREATED']);
  });

  test('a batch is not asked for while the one before it is under way', async () => {
    await started();
    await inventory.inventory.drain();
    expect(await ask(batchOf([]))).toEqual({ state: 'PENDING' });
    const next = batchOf([], { batch: 2 });
    await expect(inventory.inventory.internal.correctNumbers(next)).rejects.toThrow('comes after batch 1');
  });
});

describe('the process dies', () => {
  const moments = {
    'before the correction is committed': { of: 'answered', applied: false },
    'between the commit of the correction and its answer': { of: 'answered', applied: true },
    'between the commit of the batch and the correction': { of: 'asked', applied: true },
  } as const;

  test.each(Object.entries(moments))(
    '%s: the batch is done once and answered as it was done',
    async (_, { of, applied }) => {
      let isDead = false;
      let hasDied = false;
      const meant = ({ save: saved = [] }: Commit) =>
        saved.some(
          ({ collection, doc }) =>
            collection === 'correctionBatches' && ('answer' in doc ? 'answered' : 'asked') === of,
        );
      const mortal = (store: Store): Store =>
        new Proxy(store, {
          get(target, name) {
            const value: unknown = Reflect.get(target, name);
            if (typeof value !== 'function') return value;
            const call = value.bind(target) as (...given: unknown[]) => unknown;
            if (name === 'close') return call;
            return async (...given: unknown[]) => {
              if (isDead) throw new StoreError('CLOSED', 'The store has died.');
              const dies = !hasDied && name === 'commit' && meant(given[0] as Commit);
              if (!dies || applied) {
                const result = await call(...given);
                if (!dies) return result;
              }
              isDead = hasDied = true;
              throw new StoreError('CLOSED', 'The store died.');
            };
          },
        });
      await started({ wrap: mortal });
      await put('1001');
      await register('u1', '1001', false);
      const batch = batchOf([await lookedAt('1001'), await lookedAt('1002', [service('s2')])]);
      await passing('the death', inventory.inventory.internal.correctNumbers(batch)).catch((error: unknown) => {
        if (!(error instanceof StoreError)) throw error;
      });
      await waitUntil('the death', () => {
        inventory.clock.advance(25);
        return hasDied;
      });
      await inventory.inventory.drain();
      isDead = false;
      // Were the batch done twice, the second would find nothing wrong.
      await inventory.restart();
      expect(kindsOf(await askUntilDone(batch))).toEqual(['1001 MARKED_USED', '1002 CREATED']);
      expect(await eventsOf('1001')).toEqual(['NumberUsed audit:run']);
      expect(await eventsOf('1002')).toEqual(['NumberAdded audit:run']);
    },
  );
});

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
