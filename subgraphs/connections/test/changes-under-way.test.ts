/** What administrators change while a run is on: the run goes on with what it began with, and the next one with what is there then. */
import type { RoutingManager } from '@numberyard/simulator-arm/routing-manager';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connections } from '../src/models/connections.js';
import { activeRuns } from '../src/models/sync-runs.js';
import { CANCEL, DELETE, UPDATE, UPDATE_DATA_SYNC } from './support/operations.js';
import { PASSWORD, CREATE, TestSubgraph } from './support/subgraph.js';
import { mirrorOf, usesTold } from './support/users.js';

const USERS = 2_100;
const number = (index: number) => `+4930120${String(index).padStart(5, '0')}`;

let subgraph: TestSubgraph;
let simulator: RoutingManager;
let id: string;

beforeEach(async () => {
  subgraph = await TestSubgraph.open({ outgoing: { tries: 50 } });
  simulator = await subgraph.simulator({ users: { count: USERS, firstNumber: number(0) } });
  ({ id } = await subgraph.connect(simulator));
});
afterEach(() => subgraph.close());

const update = async (input: Record<string, unknown>) =>
  (await subgraph.ask(UPDATE, { input: { id, ...input } })).updateAudioCodesConnection;

/** A run that waits for its third page until it is let go. */
async function underWay(): Promise<{ readonly run: string; readonly letGo: () => Promise<unknown> }> {
  const fault = simulator.control.fault({ kind: 'failed-page', onPage: 3, status: 503 });
  const { id: run } = await subgraph.runDataSync(id);
  await subgraph.until('the first page', async () => (await subgraph.syncRun(run)).progress.added > 0);
  return {
    run,
    letGo() {
      simulator.control.faults.off(fault);
      return subgraph.ended(run);
    },
  };
}

describe('a run that is on', () => {
  test('goes on with the credentials it began with; the next one has the new ones, and what the old came to is not told of them', async () => {
    const { letGo } = await underWay();
    await update({ password: 'wrong' });
    expect(await letGo()).toMatchObject({ state: 'SUCCEEDED', progress: { added: USERS } });
    expect(await subgraph.sync(id)).toMatchObject({ state: 'FAILED', error: { code: 'CREDENTIALS_REFUSED' } });
    expect((await usesTold(subgraph.store)).size).toBe(USERS);
    await update({ password: PASSWORD });
    expect(await subgraph.sync(id)).toMatchObject({ state: 'SUCCEEDED', progress: { unchanged: USERS } });
  });

  test('goes on at the Routing Manager it began with, and the next one mirrors the other', async () => {
    const other = await subgraph.simulator({ users: { count: 5, firstNumber: '+4411' } });
    const { letGo } = await underWay();
    await update({ routingManager: other.address, password: PASSWORD });
    expect(await letGo()).toMatchObject({ state: 'SUCCEEDED', progress: { added: USERS } });
    const next = await subgraph.sync(id);
    expect(next).toMatchObject({ state: 'SUCCEEDED' });
    expect([...(await usesTold(subgraph.store)).values()].toSorted()).toEqual(
      Array.from({ length: 5 }, (_, index) => `+${4411 + index}`),
    );
  });

  test('outlives a new name, which goes on to the items that still carry the old one', async () => {
    await subgraph.ask(UPDATE_DATA_SYNC, { input: { id: `${id}.purge`, name: 'Forget' } });
    const { letGo } = await underWay();
    const { connection } = await update({ name: 'renamed' });
    expect(connection).toMatchObject({
      dataSyncs: [{ name: 'SyncAudioCodes__renamed' }, { name: 'Forget' }],
      schedule: { name: 'ScheduleAudioCodes__renamed' },
    });
    expect(await letGo()).toMatchObject({ state: 'SUCCEEDED', progress: { added: USERS } });
    expect(await subgraph.store.get(connections, id)).toMatchObject({
      name: 'renamed',
      reachability: { state: 'REACHABLE' },
    });
  });

  test('goes on by the filter and the operations it began with', async () => {
    const { letGo } = await underWay();
    const filter = [{ attribute: 'SBC', operator: 'IN', values: ['SBC-1'] }];
    await subgraph.ask(UPDATE_DATA_SYNC, { input: { id: `${id}.sync`, filter, operations: ['REMOVE'] } });
    expect(await letGo()).toMatchObject({ state: 'SUCCEEDED', progress: { added: USERS } });
  });

  test('keeps its connection from being deleted, until it was cancelled', async () => {
    const { run, letGo } = await underWay();
    const remove = async () => (await subgraph.ask(DELETE, { id })).deleteAudioCodesConnection;
    expect((await remove()).userErrors).toMatchObject([{ code: 'RUN_ACTIVE', field: 'id' }]);
    await subgraph.ask(CANCEL, { id: run });
    await letGo();
    const { syncRun, userErrors } = await remove();
    expect(userErrors).toEqual([]);
    expect(await subgraph.ended(syncRun.id)).toMatchObject({ state: 'SUCCEEDED' });
    expect((await usesTold(subgraph.store)).size).toBe(0);
  });
});

describe('deleting a connection', () => {
  const remove = async () => (await subgraph.ask(DELETE, { id })).deleteAudioCodesConnection.syncRun;
  const create = async () => {
    const input = {
      node: 'acme',
      name: 'ARM',
      routingManager: simulator.address,
      username: 'admin',
      password: PASSWORD,
    };
    return (await subgraph.ask(CREATE, { input })).createAudioCodesConnection;
  };

  test('killed in the middle goes on where it was: everybody is told gone once, and the connection is gone', async () => {
    await subgraph.sync(id);
    const { id: run } = await remove();
    await subgraph.until('the first hundreds', async () => (await subgraph.syncRun(run)).progress.removed > 0);
    await subgraph.killAndStart();
    expect(await subgraph.ended(run)).toMatchObject({ state: 'SUCCEEDED', progress: { removed: USERS } });
    expect((await usesTold(subgraph.store)).size).toBe(0);
    expect(await mirrorOf(subgraph.store, id)).toEqual([]);
    expect(await subgraph.store.get(connections, id)).toBeUndefined();
    expect(await subgraph.store.get(activeRuns, id)).toBeUndefined();
    expect(await subgraph.store.verify()).toEqual([]);
  });

  test('keeps its name taken until it is gone; the one of the same name that comes after is another', async () => {
    await subgraph.sync(id);
    await subgraph.inventory.fallSilent();
    const { id: run } = await remove();
    expect((await create()).userErrors).toMatchObject([{ code: 'ALREADY_EXISTS', field: 'name' }]);
    subgraph.inventory.keepAnswering(subgraph.store.log);
    await subgraph.ended(run);
    const again = await create();
    expect(again.userErrors).toEqual([]);
    expect(again.connection.id).not.toBe(id);
    expect(await subgraph.sync(again.connection.id)).toMatchObject({ state: 'SUCCEEDED', progress: { added: USERS } });
    const uses = await usesTold(subgraph.store);
    expect(new Set([...uses.keys()].map((ref) => ref.split('.')[0]))).toEqual(new Set([again.connection.id]));
  });

  test('cancelled while it waits for number-inventory, the connection stays and a sync brings its users back', async () => {
    await subgraph.sync(id);
    await subgraph.inventory.fallSilent();
    const { id: run } = await remove();
    await subgraph.until('the purge to be told', async () => (await subgraph.syncRun(run)).state === 'APPLYING');
    await subgraph.ask(CANCEL, { id: run });
    subgraph.inventory.keepAnswering(subgraph.store.log);
    expect(await subgraph.sync(id)).toMatchObject({ state: 'SUCCEEDED', progress: { added: USERS } });
  });
});
