import type { RoutingManager } from '@numberyard/simulator-arm/routing-manager';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connections } from '../src/models/connections.js';
import { dataSyncs, schedules } from '../src/models/items.js';
import { activeRuns, syncRuns } from '../src/models/sync-runs.js';
import { CANCEL, DELETE } from './support/operations.js';
import { RUN, TestSubgraph } from './support/subgraph.js';
import { mirrorOf, usesTold } from './support/users.js';

let subgraph: TestSubgraph;
let simulator: RoutingManager;
let connection: string;

beforeEach(async () => {
  subgraph = await TestSubgraph.open();
  simulator = await subgraph.simulator({ users: { count: 1_500, firstNumber: '+493012000000' } });
  connection = (await subgraph.connect(simulator)).id;
});
afterEach(() => subgraph.close());

const run = async (input: Record<string, unknown>) => (await subgraph.ask(RUN, { input })).runDataSync;
const cancel = async (id: string) => (await subgraph.ask(CANCEL, { id })).cancelSyncRun;
const remove = async () => (await subgraph.ask(DELETE, { id: connection })).deleteAudioCodesConnection;
const inState = (id: string, state: string) =>
  subgraph.until(`run ${id} to be ${state}`, async () => (await subgraph.syncRun(id)).state === state);

describe('running a data sync', () => {
  test('is refused while the connection has a run, and left to other connections', async () => {
    simulator.control.fault({ kind: 'slow-answer', milliseconds: 60_000 });
    await subgraph.runDataSync(connection);
    const second = await run({ dataSync: `${connection}.purge` });
    expect(second).toMatchObject({ syncRun: null, userErrors: [{ code: 'RUN_ACTIVE' }] });
    const another = await subgraph.simulator();
    const { id } = await subgraph.connect(another, { name: 'other' });
    expect(await subgraph.sync(id)).toMatchObject({ state: 'SUCCEEDED' });
  });

  test('happens once however many ask at once', async () => {
    simulator.control.fault({ kind: 'slow-answer', milliseconds: 60_000 });
    const answers = await Promise.all(Array.from({ length: 8 }, () => run({ dataSync: `${connection}.sync` })));
    expect(answers.filter(({ syncRun }) => syncRun)).toHaveLength(1);
  });

  test('happens once for an idempotency key, also after it has ended', async () => {
    const input = { dataSync: `${connection}.sync`, idempotencyKey: 'once' };
    const { syncRun } = await run(input);
    await subgraph.ended(syncRun.id);
    expect((await run(input)).syncRun).toMatchObject({ id: syncRun.id, state: 'SUCCEEDED' });
    const other = await run({ dataSync: `${connection}.purge`, idempotencyKey: 'once' });
    expect(other.userErrors).toMatchObject([{ code: 'IDEMPOTENCY_KEY_REUSED' }]);
  });

  test('of an unknown data sync is refused', async () => {
    expect((await run({ dataSync: 'nothing' })).userErrors).toMatchObject([{ code: 'NOT_FOUND', field: 'dataSync' }]);
  });

  test('more runs than lanes wait their turn', async () => {
    const ids = await Promise.all(
      Array.from({ length: 6 }, async (_, index) => (await subgraph.connect(simulator, { name: `c${index}` })).id),
    );
    const runs = await Promise.all(ids.map((id) => subgraph.sync(id)));
    expect(runs.map(({ state }) => state)).toEqual(ids.map(() => 'SUCCEEDED'));
  });
});

describe('cancelling', () => {
  test('a running run ends it soon, though its Routing Manager does not answer', async () => {
    simulator.control.fault({ kind: 'slow-answer', milliseconds: 60_000 });
    const { id } = await subgraph.runDataSync(connection);
    await inState(id, 'RUNNING');
    expect((await cancel(id)).userErrors).toEqual([]);
    expect((await cancel(id)).userErrors).toEqual([]);
    expect(await subgraph.ended(id)).toMatchObject({ state: 'CANCELLED', error: null });
    expect(await subgraph.store.get(activeRuns, connection)).toBeUndefined();
  });

  test('a run that writes keeps what it has mirrored, and says how much that is', async () => {
    simulator.control.fault({ kind: 'slow-drip', onPage: 2, bytes: 1, milliseconds: 50 });
    const { id } = await subgraph.runDataSync(connection);
    await subgraph.until('the first page', async () => (await subgraph.syncRun(id)).progress.added > 0);
    await cancel(id);
    const ended = await subgraph.ended(id);
    expect(ended.state).toBe('CANCELLED');
    expect(ended.progress.added).toBeLessThan(1_500);
    expect(await mirrorOf(subgraph.store, connection)).toHaveLength(ended.progress.added);
    expect((await usesTold(subgraph.store)).size).toBe(ended.progress.added);
  });

  test('a run that has ended is refused', async () => {
    const { id } = await subgraph.sync(connection);
    expect((await cancel(id)).userErrors).toMatchObject([{ code: 'RUN_ENDED', field: 'id' }]);
    expect((await cancel('nothing')).userErrors).toMatchObject([{ code: 'NOT_FOUND', field: 'id' }]);
  });

  test('a run that waits in the queue ends it at once', async () => {
    await subgraph.connections.drain();
    const { id } = await subgraph.runDataSync(connection);
    expect(await cancel(id)).toMatchObject({ syncRun: { state: 'CANCELLED' }, userErrors: [] });
  });

  test('a run that waits for number-inventory ends it at once, and its effect is still counted', async () => {
    await subgraph.inventory.fallSilent();
    const { id } = await subgraph.runDataSync(connection);
    await inState(id, 'APPLYING');
    expect(await cancel(id)).toMatchObject({ syncRun: { state: 'CANCELLED' } });
    await subgraph.inventory.answer(subgraph.store.log);
    await subgraph.until('the answer', async () => (await subgraph.syncRun(id)).effect.numbersUsed === 1_500);
    expect((await subgraph.syncRun(id)).state).toBe('CANCELLED');
  });
});

test('a run whose announcement number-inventory never read is announced again', async () => {
  await subgraph.inventory.fallSilent();
  const { id } = await subgraph.runDataSync(connection);
  await inState(id, 'APPLYING');
  await subgraph.inventory.skip(subgraph.store.log);
  await subgraph.restart();
  subgraph.inventory.keepAnswering(subgraph.store.log);
  expect(await subgraph.ended(id)).toMatchObject({ state: 'SUCCEEDED' });
});

describe('a purge', () => {
  test('forgets every registered user, asks the Routing Manager nothing, and a sync brings them back', async () => {
    await subgraph.sync(connection);
    const examined = simulator.control.examined;
    const purge = await subgraph.sync(connection, 'purge');
    expect(purge).toMatchObject({ kind: 'PURGE', state: 'SUCCEEDED', progress: { removed: 1_500, total: null } });
    expect(purge.effect.numbersCooling).toBe(1_500);
    expect(simulator.control.examined).toBe(examined);
    expect(await mirrorOf(subgraph.store, connection)).toEqual([]);
    expect(await subgraph.sync(connection)).toMatchObject({ progress: { added: 1_500 } });
    expect((await usesTold(subgraph.store)).size).toBe(1_500);
  });

  test('leaves the users of other connections alone', async () => {
    const other = (await subgraph.connect(simulator, { name: 'other' })).id;
    await subgraph.sync(connection);
    await subgraph.sync(other);
    await subgraph.sync(connection, 'purge');
    expect(await mirrorOf(subgraph.store, other)).toHaveLength(1_500);
  });
});

describe('deleting a connection', () => {
  test('purges first, then takes its items with it; its runs stay to be read', async () => {
    await subgraph.sync(connection);
    const { syncRun, userErrors } = await remove();
    expect(userErrors).toEqual([]);
    expect(syncRun).toMatchObject({ kind: 'PURGE', trigger: 'DELETION', state: 'QUEUED' });
    expect(await subgraph.ended(syncRun.id)).toMatchObject({ state: 'SUCCEEDED', progress: { removed: 1_500 } });
    expect((await usesTold(subgraph.store)).size).toBe(0);
    expect(await subgraph.store.get(connections, connection)).toBeUndefined();
    expect(await subgraph.store.getMany(dataSyncs, [`${connection}.sync`, `${connection}.purge`])).toEqual([
      undefined,
      undefined,
    ]);
    expect(await subgraph.store.get(schedules, `${connection}.schedule`)).toBeUndefined();
    const { events } = await subgraph.store.log.read({ after: 0, limit: 10, types: ['AudioCodesConnectionDeleted'] });
    expect(events.map(({ fields }) => fields)).toEqual([{ connection, name: 'arm', node: 'acme' }]);
    const { syncRun: read } = await subgraph.ask('query($id: ID!) { syncRun(id: $id) { state connection { id } } }', {
      id: syncRun.id,
    });
    expect(read).toEqual({ state: 'SUCCEEDED', connection: null });
    // Its name is free again.
    await subgraph.connect(simulator);
  });

  test('that nothing was mirrored of needs no answer from number-inventory', async () => {
    const { syncRun } = await remove();
    await subgraph.ended(syncRun.id);
    const { events } = await subgraph.store.log.read({ after: 0, limit: 10, types: ['SyncRunApplying'] });
    expect(events).toEqual([]);
    expect(await subgraph.store.get(connections, connection)).toBeUndefined();
  });

  test('is refused while it has a run', async () => {
    simulator.control.fault({ kind: 'slow-answer', milliseconds: 60_000 });
    await subgraph.runDataSync(connection);
    expect((await remove()).userErrors).toMatchObject([{ code: 'RUN_ACTIVE', field: 'id' }]);
  });
});

test('runs are listed newest first, by connection and by state', async () => {
  const first = await subgraph.sync(connection);
  simulator.control.fault({ kind: 'empty-list' });
  const second = await subgraph.sync(connection);
  const other = (await subgraph.connect(simulator, { name: 'other' })).id;
  const third = await subgraph.sync(other);
  const list = async (args: string) =>
    (await subgraph.ask(`{ syncRuns${args} { edges { node { id } } } }`)).syncRuns.edges.map(
      ({ node }: { node: { id: string } }) => node.id,
    );
  expect(await list('')).toEqual([third.id, second.id, first.id]);
  expect(await list(`(connection: "${connection}")`)).toEqual([second.id, first.id]);
  expect(await list('(state: FAILED)')).toEqual([second.id]);
  expect(await list(`(connection: "${connection}", state: SUCCEEDED)`)).toEqual([first.id]);
  expect((await subgraph.store.get(syncRuns, first.id))?.attempts).toBe(1);
});
