/** Macro PULL_SYNC_DELETE_THRESHOLD_AUDIOCODES: a sync that would remove more removes nobody. */
import type { RoutingManager } from '@numberyard/simulator-arm/routing-manager';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connections } from '../src/models/connections.js';
import { DELETE } from './support/operations.js';
import { TestSubgraph } from './support/subgraph.js';
import { mirrorOf, usesTold } from './support/users.js';

const number = (index: number) => `+4930120${String(index).padStart(5, '0')}`;

let subgraph: TestSubgraph;
let simulator: RoutingManager;
let connection: string;
let asked: [string, string][];

beforeEach(async () => {
  subgraph = await TestSubgraph.open();
  simulator = await subgraph.simulator();
  connection = (await subgraph.connect(simulator, { node: 'berlin' })).id;
  asked = [];
});
afterEach(() => subgraph.close());

function threshold(value: string | undefined): void {
  subgraph.inventory.macro = (node, name) => {
    asked.push([node, name]);
    return Promise.resolve(value);
  };
}

async function begin(users: number): Promise<void> {
  simulator.control.seed(users, { firstNumber: number(0) });
  await subgraph.sync(connection);
}

function drop(from: number, to: number): void {
  for (let index = from; index < to; index += 1) simulator.control.drop(number(index));
}

describe.each([
  ['asked for one by one', 20, 3],
  ['missing from a second listing', 1_200, 600],
])('removals %s', (_how, users, gone) => {
  test('as many as the threshold are carried out', async () => {
    await begin(users);
    threshold(String(gone));
    drop(0, gone);
    expect(await subgraph.sync(connection)).toMatchObject({ state: 'SUCCEEDED', progress: { removed: gone } });
    expect(asked).toEqual([['berlin', 'PULL_SYNC_DELETE_THRESHOLD_AUDIOCODES']]);
  });

  test('one more fails the run before the first of them; what was added and updated stays', async () => {
    await begin(users);
    threshold(String(gone - 1));
    drop(0, gone);
    simulator.control.takeOffline(number(users - 1));
    simulator.control.register('+441');
    const run = await subgraph.sync(connection);
    expect(run).toMatchObject({
      state: 'FAILED',
      error: { code: 'DELETE_THRESHOLD' },
      progress: { added: 1, updated: 1, removed: 0 },
    });
    expect(run.error?.message).toBe(
      `The run would remove ${gone} registered users, and the macro PULL_SYNC_DELETE_THRESHOLD_AUDIOCODES allows ${gone - 1}: none was removed. Raise it, or purge, if they are gone.`,
    );
    expect(await mirrorOf(subgraph.store, connection)).toHaveLength(users + 1);
    expect((await usesTold(subgraph.store)).size).toBe(users);
    threshold('');
    expect(await subgraph.sync(connection)).toMatchObject({ state: 'SUCCEEDED', progress: { removed: gone } });
  });
});

test('a device that is offline is no removal', async () => {
  await begin(5);
  threshold('0');
  for (let index = 0; index < 5; index += 1) simulator.control.takeOffline(number(index));
  expect(await subgraph.sync(connection)).toMatchObject({ state: 'SUCCEEDED', progress: { updated: 5 } });
});

test('nobody is asked for the threshold where nobody is to be removed', async () => {
  await begin(5);
  threshold('0');
  simulator.control.fault({ kind: 'flap', number: number(1) });
  expect(await subgraph.sync(connection)).toMatchObject({ state: 'SUCCEEDED_WITH_ISSUES' });
  expect(asked).toEqual([]);
});

test.each<[string, () => Promise<string | undefined>, number, RegExp]>([
  ['cannot be asked for', () => Promise.reject(new Error('gone')), 3, /could not be read from number-inventory/],
  ['is of a node nobody knows', () => Promise.resolve(undefined), 1, /not known for the node/],
  ['is no number', () => Promise.resolve('many'), 1, /not a whole number/],
])('a threshold that %s fails the run before anybody is removed', async (_what, macro, tries, says) => {
  await begin(5);
  drop(0, 2);
  let times = 0;
  subgraph.inventory.macro = () => {
    times += 1;
    return macro();
  };
  const run = await subgraph.sync(connection);
  expect(run).toMatchObject({ state: 'FAILED', error: { code: 'INTERNAL' }, progress: { removed: 0 } });
  expect(run.error?.message).toMatch(says);
  expect(times).toBe(tries);
  expect((await usesTold(subgraph.store)).size).toBe(5);
});

test('a threshold that can be asked for the second time is heeded', async () => {
  await begin(5);
  drop(0, 2);
  let times = 0;
  subgraph.inventory.macro = () => {
    times += 1;
    return times === 1 ? Promise.reject(new Error('restarting')) : Promise.resolve('2');
  };
  expect(await subgraph.sync(connection)).toMatchObject({ state: 'SUCCEEDED', progress: { removed: 2 } });
});

test('a purge and the deletion of the connection ignore it', async () => {
  await begin(5);
  threshold('0');
  expect(await subgraph.sync(connection, 'purge')).toMatchObject({ state: 'SUCCEEDED', progress: { removed: 5 } });
  await subgraph.sync(connection);
  const { deleteAudioCodesConnection } = await subgraph.ask(DELETE, { id: connection });
  const run = await subgraph.ended(deleteAudioCodesConnection.syncRun.id);
  expect(run).toMatchObject({ state: 'SUCCEEDED', progress: { removed: 5 } });
  expect(await subgraph.store.get(connections, connection)).toBeUndefined();
});
