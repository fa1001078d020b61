/** The first start, when several processes do it at once. */
import { openTestStore, type TestStore } from '@numberyard/kit/testing/store';
import { TestClock } from '@numberyard/kit/testing/test-clock';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bootstrap } from '../src/commands/bootstrap.js';
import { verifyKey } from '../src/commands/verify-key.js';
import { collections } from '../src/main.js';
import { nodes } from '../src/models/node.js';

const clock = new TestClock();
let own: TestStore;
beforeEach(async () => {
  own = await openTestStore({ name: 'number-inventory', collections, clock });
});
afterEach(() => own.close());

const providers = async () => (await own.store.find(nodes, { key: 'byType', equals: ['PROVIDER'], limit: 10 })).items;

test('of eight at once one makes provider and key, also when they were given different names', async () => {
  const names = Array.from({ length: 8 }, (_, index) => `Provider ${index % 4}`);
  const made = await Promise.all(names.map((providerName) => bootstrap({ store: own.store, clock }, { providerName })));
  const [provider, ...others] = await providers();
  expect(others).toEqual([]);
  expect(new Set(made.map((each) => each.provider))).toEqual(new Set([provider?.id]));
  const keys = made.flatMap(({ adminKey }) => (adminKey === undefined ? [] : [adminKey]));
  expect(keys).toHaveLength(1);
  expect(await verifyKey({ store: own.store, clock }, `Bearer ${keys[0]}`)).toMatchObject({ role: 'PROVIDER_ADMIN' });
  expect((await own.store.log.state()).head).toBe(2);
});

test('a key that all of them are given is made once, and no other is told', async () => {
  const adminKey = 'a-key-from-the-environment';
  const starts = Array.from({ length: 8 }, () =>
    bootstrap({ store: own.store, clock }, { providerName: 'Provider', adminKey }),
  );
  for (const made of await Promise.all(starts)) expect(made.adminKey).toBeUndefined();
  expect(await providers()).toHaveLength(1);
  expect(await verifyKey({ store: own.store, clock }, `Bearer ${adminKey}`)).toMatchObject({ role: 'PROVIDER_ADMIN' });
  expect((await own.store.log.state()).head).toBe(2);
});
