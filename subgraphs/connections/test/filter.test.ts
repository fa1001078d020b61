/** What a filter leaves out is left alone: not added, not updated, never removed. */
import type { RoutingManager } from '@numberyard/simulator-arm/routing-manager';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dataSyncs } from '../src/models/items.js';
import { DELETE, UPDATE_DATA_SYNC } from './support/operations.js';
import { TestSubgraph } from './support/subgraph.js';
import { mirrorOf, usesTold } from './support/users.js';

const berlin = (index: number) => `+49301200${String(index).padStart(2, '0')}`;
const paris = (index: number) => `+33120000${String(index).padStart(2, '0')}`;

let subgraph: TestSubgraph;
let simulator: RoutingManager;
let connection: string;

beforeEach(async () => {
  subgraph = await TestSubgraph.open();
  simulator = await subgraph.simulator();
  simulator.control.seed(6, { firstNumber: berlin(0) });
  simulator.control.seed(4, { firstNumber: paris(0) });
  connection = (await subgraph.connect(simulator)).id;
});
afterEach(() => subgraph.close());

async function update(input: Record<string, unknown>, kind = 'sync') {
  const { updateDataSync } = await subgraph.ask(UPDATE_DATA_SYNC, { input: { id: `${connection}.${kind}`, ...input } });
  return updateDataSync;
}
const filter = (...values: string[]) => [{ attribute: 'NUMBER', operator: 'STARTS_WITH', values }];
const numbers = async () => [...(await usesTold(subgraph.store)).values()].toSorted();

test('only those who meet it are mirrored, and an odd user outside is no issue', async () => {
  simulator.control.register('lobby');
  expect(await update({ filter: filter('\\+49') })).toMatchObject({
    dataSync: { filter: filter('+49') },
    userErrors: [],
  });
  const run = await subgraph.sync(connection);
  expect(run).toMatchObject({ state: 'SUCCEEDED', progress: { fetched: 11, added: 6, unchanged: 5 } });
  expect(await numbers()).toEqual([0, 1, 2, 3, 4, 5].map(berlin));
});

test('those outside stay as they were mirrored, whatever becomes of them, and are dealt with again once it is gone', async () => {
  await subgraph.sync(connection);
  await update({ filter: filter('+49') });
  simulator.control.drop(paris(0));
  simulator.control.takeOffline(paris(1));
  simulator.control.drop(berlin(0));
  simulator.control.takeOffline(berlin(1));
  expect(await subgraph.sync(connection)).toMatchObject({ state: 'SUCCEEDED', progress: { updated: 1, removed: 1 } });
  expect(await numbers()).toEqual([...[0, 1, 2, 3].map(paris), ...[2, 3, 4, 5].map(berlin)]);
  await update({ filter: [] });
  expect(await subgraph.sync(connection)).toMatchObject({ state: 'SUCCEEDED', progress: { updated: 1, removed: 1 } });
  expect(await numbers()).toEqual([...[2, 3].map(paris), ...[2, 3, 4, 5].map(berlin)]);
});

test('a listing that names only those outside is not empty', async () => {
  await subgraph.sync(connection);
  await update({ filter: filter('+49') });
  for (let index = 0; index < 6; index += 1) simulator.control.drop(berlin(index));
  expect(await subgraph.sync(connection)).toMatchObject({ state: 'SUCCEEDED', progress: { removed: 6 } });
  expect(await numbers()).toEqual([0, 1, 2, 3].map(paris));
});

test('an empty listing fails the run though nobody of those it deals with was mirrored', async () => {
  await subgraph.sync(connection);
  await update({ filter: filter('+1') });
  simulator.control.fault({ kind: 'empty-list' });
  expect(await subgraph.sync(connection)).toMatchObject({ state: 'FAILED', error: { code: 'EMPTY_LISTING' } });
});

test('an SBC is filtered by its name', async () => {
  await update({ filter: [{ attribute: 'SBC', operator: 'NOT_IN', values: ['SBC-2'] }] });
  expect(await subgraph.sync(connection)).toMatchObject({ progress: { added: 5 } });
  expect(new Set((await mirrorOf(subgraph.store, connection)).map(({ sbcName }) => sbcName))).toEqual(
    new Set(['SBC-1']),
  );
});

test('a purge has a filter of its own; the deletion of the connection heeds none', async () => {
  await subgraph.sync(connection);
  await update({ filter: filter('+33') }, 'purge');
  expect(await subgraph.sync(connection, 'purge')).toMatchObject({ state: 'SUCCEEDED', progress: { removed: 4 } });
  expect(await numbers()).toEqual([0, 1, 2, 3, 4, 5].map(berlin));
  const { deleteAudioCodesConnection } = await subgraph.ask(DELETE, { id: connection });
  expect(await subgraph.ended(deleteAudioCodesConnection.syncRun.id)).toMatchObject({ progress: { removed: 6 } });
});

test('conditions that break a rule are refused by field and rule, and nothing is saved', async () => {
  const { userErrors } = await update({ enabled: true, filter: [...filter('+49'), ...filter()] });
  expect(userErrors).toEqual([
    { code: 'REQUIRED', field: 'filter.1.values', message: 'A condition needs at least one value.' },
  ]);
  expect(await subgraph.store.get(dataSyncs, `${connection}.sync`)).toMatchObject({ enabled: false });
});

test('what is left out of a change stays', async () => {
  await update({ filter: filter('+49') });
  expect(await update({ allowEmpty: true })).toMatchObject({ dataSync: { filter: filter('+49'), allowEmpty: true } });
});
