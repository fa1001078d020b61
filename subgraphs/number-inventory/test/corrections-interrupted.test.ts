/** Corrections that an audit asks for, with something in between: other changes, a log that is not followed, and the end of the process. */
import { hostile } from '@numberyard/kit/storage/hostile';
import { save, StoreError, type Commit, type Store } from '@numberyard/kit/storage/port';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { leases } from '@numberyard/kit/workers/collections';
import { afterEach, describe, expect, test } from 'vitest';
import { numberId } from '../src/domain/number.js';
import { nodes as nodeCollection } from '../src/models/node.js';
import {
  ask,
  askUntilDone,
  batchOf,
  changeCustomer,
  eventsOf,
  followed,
  inventory,
  kindsOf,
  leave,
  lookedAt,
  numberOf,
  passing,
  put,
  register,
  service,
  started,
} from './auditing.js';

afterEach(() => inventory.close());

function answersBatch({ save: saved = [] }: Commit): boolean {
  return saved.some(({ collection, doc }) => collection === 'correctionBatches' && 'answer' in doc);
}

/** A store whose every call goes to another. */
function through(store: Store): Store {
  return hostile(store, { seed: 0, conflictRate: 0, doorbell: 'normal' });
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

  test.each<[string, () => Promise<void>, object]>([
    [
      'number management is switched off',
      () => changeCustomer({ numberManagement: false }),
      { state: 'REFUSED', code: 'NUMBER_MANAGEMENT_OFF' },
    ],
    [
      'somebody reserves the number',
      () => put('1001', { reservation: { reservedAt: '2026-01-01T00:00:00.000Z' } }),
      { state: 'DONE', corrections: [{ kind: 'CHANGED_MEANWHILE', after: null }] },
    ],
    [
      'somebody adds the number',
      () => put('1002'),
      { state: 'DONE', corrections: [{ kind: 'MARKED_USED' }, { kind: 'CHANGED_MEANWHILE' }] },
    ],
  ])('%s after all was judged: it is judged again', async (_, happen, answer) => {
    let isPast = false;
    const overtaken = (store: Store): Store => ({
      ...through(store),
      async commit(commit) {
        const isCorrection = !isPast && answersBatch(commit);
        if (isCorrection) isPast = true;
        if (isCorrection) await happen();
        return store.commit(commit);
      },
    });
    await started({ wrap: overtaken });
    await put('1001');
    const numbers = [await lookedAt('1001', [service('s1')]), await lookedAt('1002', [service('s2')])];
    const asked = 'corrections' in answer && Array.isArray(answer.corrections) ? answer.corrections.length : 2;
    expect(await askUntilDone(batchOf(numbers.slice(0, asked)))).toMatchObject(answer);
    expect(isPast).toBe(true);
  });

  test('another process takes over after the uses were read: what was read is not gone by', async () => {
    await started();
    await register('u1', '1001', false);
    const batch = batchOf([await lookedAt('1001')]);
    inventory.afterUses = async () => {
      const lease = await inventory.store.get(leases, 'follow.connections');
      if (!lease) throw new Error('nobody follows');
      await inventory.store.commit({ save: [save(leases, lease)] });
      // Nothing is told of it, so only another reading can know.
      await leave('u1', '1001', false);
    };
    expect(kindsOf(await askUntilDone(batch))).toEqual(['1001 UNCHANGED']);
    expect(await numberOf('1001')).toBeUndefined();
  });

  test('what was told before the batch is applied first', async () => {
    await started();
    await inventory.inventory.drain();
    for (const [ref, number] of [
      ['u1', '1001'],
      ['u2', '1002'],
      ['u3', '1003'],
    ] as const)
      await register(ref, number);
    const batch = batchOf([await lookedAt('1003')]);
    expect(await ask(batch)).toEqual({ state: 'PENDING' });
    await inventory.restart();
    expect(kindsOf(await askUntilDone(batch))).toEqual(['1003 UNCHANGED']);
    expect(await eventsOf('1003')).toEqual(['NumberAdded sync:sync']);
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
    expect(await ask(next)).toMatchObject({ state: 'REFUSED', code: 'OUT_OF_STEP' });
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
