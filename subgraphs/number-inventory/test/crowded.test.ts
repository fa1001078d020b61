/** Numbers that more devices have than are kept of one. */
import { afterEach, expect, test } from 'vitest';
import { MOST_DEVICES } from '../src/domain/transitions.js';
import {
  askUntilDone,
  batchOf,
  device,
  followed,
  inventory,
  kindsOf,
  lookedAt,
  numberOf,
  put,
  started,
} from './auditing.js';

afterEach(() => inventory.close());

/** As long as the mirror's references are. */
const refs = (count: number) =>
  Array.from({ length: count }, (_, index) => `k3x9m2p7q1w5z8ab.${String(index).padStart(64, '0')}`);

test('a number that thousands of devices have keeps a thousand, and the log is followed on', async () => {
  await started();
  const all = refs(5_000);
  for (let from = 0; from < all.length; from += 250) {
    const some = all.slice(from, from + 250);
    await inventory.tell(
      'run',
      some.map((ref) => ({ ref, before: null, after: '1001' })),
    );
  }
  await inventory.tell('run', [{ ref: 'u1', before: null, after: '1002' }]);
  await followed();
  expect((await numberOf('1001'))?.uses.map(({ ref }) => ref)).toEqual(all.slice(0, MOST_DEVICES));
  expect(await numberOf('1002')).toMatchObject({ status: 'USED' });
  const { events } = await inventory.store.log.read({ after: 0, types: ['SyncBatchApplied'], limit: 1_000 });
  expect(events.flatMap(({ fields }) => fields['issues'])).toContainEqual({
    kind: 'NUMBER_USED_BY_OTHER',
    subject: '1001',
    message: 'More than 1000 devices have the number; those above are not kept with it.',
  });
});

test('an audit finds nothing wrong with a number that keeps as many devices as it can, and fills it up when some have gone', async () => {
  await started();
  const all = refs(1_200);
  const { site } = inventory.nodes;
  inventory.listing = all.map((ref) => ({ ref, number: '1001', connection: 'arm', node: site }));
  expect(kindsOf(await askUntilDone(batchOf([await lookedAt('1001')])))).toEqual(['1001 CREATED']);
  expect((await numberOf('1001'))?.uses).toHaveLength(MOST_DEVICES);
  const looked = [await lookedAt('1001')];
  expect(kindsOf(await askUntilDone(batchOf(looked, { batch: 2 })))).toEqual(['1001 UNCHANGED']);
  inventory.listing = inventory.listing.slice(10);
  expect(kindsOf(await askUntilDone(batchOf(looked, { batch: 3 })))).toEqual(['1001 USES_CORRECTED']);
  const uses = (await numberOf('1001'))?.uses.map(({ ref }) => ref);
  expect(uses?.toSorted()).toEqual(all.slice(10, 10 + MOST_DEVICES));
  await put('1001', { uses: all.slice(10).map(device) });
  const kept = [await lookedAt('1001')];
  expect(kindsOf(await askUntilDone(batchOf(kept, { batch: 4 })))).toEqual(['1001 UNCHANGED']);
});
