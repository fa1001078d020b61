import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { caller } from './support/identities.js';
import { UPDATE, UPDATE_DATA_SYNC, UPDATE_SCHEDULE } from './support/operations.js';
import { CREATE, PASSWORD, TestSubgraph } from './support/subgraph.js';

let subgraph: TestSubgraph;
beforeEach(async () => {
  subgraph = await TestSubgraph.open();
});
afterEach(() => subgraph.close());

const INPUT = {
  node: 'acme',
  name: 'Main.ARM',
  routingManager: 'arm.acme.example',
  username: 'admin',
  password: PASSWORD,
};
const create = async (input: Record<string, unknown> = {}, identity?: Parameters<TestSubgraph['ask']>[2]) =>
  (await subgraph.ask(CREATE, { input: { ...INPUT, ...input } }, identity)).createAudioCodesConnection;
const update = async (input: Record<string, unknown>) =>
  (await subgraph.ask(UPDATE, { input })).updateAudioCodesConnection;

describe('a new connection', () => {
  test('comes with its two data syncs and its schedule, all disabled, and has dialled nobody', async () => {
    const { connection, syncRun, userErrors } = await create();
    expect(userErrors).toEqual([]);
    expect(syncRun).toBeNull();
    expect(connection).toMatchObject({
      name: 'Main.ARM',
      type: 'AudioCodes',
      routingManager: 'arm.acme.example',
      username: 'admin',
      authenticationMethod: 'BASIC',
      hasPassword: true,
      tlsVerify: true,
      hierarchyNode: { id: 'acme' },
      reachability: { state: 'UNKNOWN', error: null },
      dataSyncs: [
        {
          name: 'SyncAudioCodes__Main.ARM',
          kind: 'SYNC',
          enabled: false,
          operations: ['ADD', 'UPDATE', 'REMOVE'],
          allowEmpty: false,
        },
        { name: 'PurgeAudioCodes__Main.ARM', kind: 'PURGE', enabled: false },
      ],
      schedule: { name: 'ScheduleAudioCodes__Main.ARM', enabled: false, nextRunAt: null },
    });
  });

  test('queues a run in the same breath when it is to be synced on saving', async () => {
    const simulator = await subgraph.simulator({ users: { count: 3, firstNumber: '+4930100' } });
    const { syncRun } = await create({ routingManager: simulator.address, syncOnSave: true });
    expect(syncRun).toMatchObject({ state: 'QUEUED', trigger: 'SAVE' });
    expect(await subgraph.ended(syncRun.id)).toMatchObject({ state: 'SUCCEEDED', progress: { added: 3 } });
  });

  test.each([
    [{ name: '' }, 'INVALID', 'name'],
    [{ name: 'a'.repeat(65) }, 'INVALID', 'name'],
    [{ name: 'with space' }, 'INVALID', 'name'],
    [{ name: 'ümlaut' }, 'INVALID', 'name'],
    [{ routingManager: 'https://arm.example' }, 'INVALID', 'routingManager'],
    [{ routingManager: 'under_score.example' }, 'INVALID', 'routingManager'],
    [{ routingManager: 'arm.example:70000' }, 'INVALID', 'routingManager'],
    [{ username: '' }, 'REQUIRED', 'username'],
    [{ username: 'a:b' }, 'INVALID', 'username'],
    [{ password: '' }, 'REQUIRED', 'password'],
    [{ password: 'x'.repeat(257) }, 'OUT_OF_RANGE', 'password'],
    [{ node: 'nowhere' }, 'NOT_FOUND', 'node'],
    [{ node: 'res' }, 'WRONG_NODE_TYPE', 'node'],
    [{ node: 'acmeeast' }, 'WRONG_NODE_TYPE', 'node'],
    [{ node: 'closed' }, 'WRONG_NODE_TYPE', 'node'],
  ])('is refused with %j', async (input, code, field) => {
    const head = (await subgraph.store.log.state()).head;
    const { connection, userErrors } = await create(input);
    expect(connection).toBeNull();
    expect(userErrors).toEqual([{ code, field, message: expect.stringMatching(/^[A-Z].*\.$/) }]);
    expect((await subgraph.store.log.state()).head).toBe(head);
  });

  test('names every field that is wrong', async () => {
    const { userErrors } = await create({ name: '?', routingManager: '?', password: '' });
    expect(userErrors.map(({ field }) => field)).toEqual(['name', 'routingManager', 'password']);
  });

  test('cannot take a name its customer has in another case, at any of its sites', async () => {
    await create();
    const { userErrors } = await create({ node: 'berlin', name: 'MAIN.arm' });
    expect(userErrors).toMatchObject([{ code: 'ALREADY_EXISTS', field: 'name' }]);
    expect((await create({ node: 'rome' })).userErrors).toEqual([]);
  });

  test('gets its name once when several ask at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => create()));
    expect(answers.filter(({ connection }) => connection)).toHaveLength(1);
    expect(answers.flatMap(({ userErrors }) => userErrors.map(({ code }) => code))).toEqual(
      Array.from({ length: 9 }, () => 'ALREADY_EXISTS'),
    );
  });

  test('is made once for an idempotency key, which takes no other input', async () => {
    const first = await create({ idempotencyKey: 'k1' });
    const again = await create({ idempotencyKey: 'k1' });
    expect(again.connection.id).toBe(first.connection.id);
    const other = await create({ idempotencyKey: 'k1', name: 'other' });
    expect(other).toMatchObject({ connection: null, userErrors: [{ code: 'IDEMPOTENCY_KEY_REUSED' }] });
    const guess = await create({ idempotencyKey: 'k1', password: 'another' });
    expect(guess).toMatchObject({ connection: null, userErrors: [{ code: 'IDEMPOTENCY_KEY_REUSED' }] });
  });

  test('can hang at a node that was made a moment ago', async () => {
    await subgraph.inventory.tell('HierarchyNodeCreated', {
      id: 'oslo',
      type: 'SITE',
      name: 'Oslo',
      path: 'prov.res.acme.oslo',
      numberManagement: null,
      retired: false,
    });
    expect((await create({ node: 'oslo' })).userErrors).toEqual([]);
  });
});

describe('changing a connection', () => {
  test('renames those of its items that still carry its name, and no other', async () => {
    const { connection } = await create();
    await subgraph.ask(UPDATE_DATA_SYNC, { input: { id: `${connection.id}.purge`, name: 'Forget' } });
    const { connection: renamed } = await update({ id: connection.id, name: 'main.ARM' });
    expect(renamed).toMatchObject({
      name: 'main.ARM',
      routingManager: 'arm.acme.example',
      dataSyncs: [{ name: 'SyncAudioCodes__main.ARM' }, { name: 'Forget' }],
      schedule: { name: 'ScheduleAudioCodes__main.ARM' },
    });
  });

  test('to a name that is taken changes nothing', async () => {
    await create();
    const { connection } = await create({ name: 'second' });
    const { userErrors } = await update({ id: connection.id, name: 'MAIN.arm', username: 'new' });
    expect(userErrors).toMatchObject([{ code: 'ALREADY_EXISTS', field: 'name' }]);
    expect((await update({ id: connection.id })).connection.username).toBe('admin');
  });

  test('to another address forgets whether it was reachable', async () => {
    const simulator = await subgraph.simulator();
    const { connection } = await create({ routingManager: simulator.address });
    await subgraph.sync(connection.id);
    expect((await update({ id: connection.id, username: 'x' })).connection.reachability.state).toBe('REACHABLE');
    const elsewhere = { id: connection.id, routingManager: 'elsewhere.example', password: PASSWORD };
    expect((await update(elsewhere)).connection.reachability.state).toBe('UNKNOWN');
  });

  test.each([
    ['another host', {}, { routingManager: 'elsewhere.example' }],
    ['another port', {}, { routingManager: 'arm.acme.example:8443' }],
    ['an unverified certificate', {}, { tlsVerify: false }],
    ['another host, certificates unverified before', { tlsVerify: false }, { routingManager: 'elsewhere.example' }],
  ])('to %s asks for the password again, and sends the saved one nowhere new', async (_what, made, change) => {
    const { connection } = await create(made);
    const { connection: refused, userErrors } = await update({ id: connection.id, username: 'new', ...change });
    expect(refused).toBeNull();
    expect(userErrors).toEqual([
      { code: 'REQUIRED', field: 'password', message: expect.stringMatching(/^[A-Z].*\.$/) },
    ]);
    expect((await update({ id: connection.id })).connection).toMatchObject({
      username: 'admin',
      routingManager: 'arm.acme.example',
    });
    expect((await update({ id: connection.id, ...change, password: 'another' })).userErrors).toEqual([]);
  });

  test.each([
    ['the same host in other words', {}, { routingManager: 'ARM.acme.example:443' }],
    ['verified certificates', { tlsVerify: false }, { tlsVerify: true }],
    ['unverified certificates once more', { tlsVerify: false }, { tlsVerify: false }],
  ])('to %s keeps the password', async (_what, made, change) => {
    const { connection } = await create(made);
    expect((await update({ id: connection.id, ...change })).userErrors).toEqual([]);
  });

  test('of an unknown id is refused', async () => {
    expect((await update({ id: 'nothing' })).userErrors).toMatchObject([{ code: 'NOT_FOUND', field: 'id' }]);
  });

  test('with a sync on saving is refused as a whole while a run is active', async () => {
    const simulator = await subgraph.simulator();
    simulator.control.fault({ kind: 'slow-answer', milliseconds: 60_000 });
    const { connection } = await create({ routingManager: simulator.address });
    await subgraph.runDataSync(connection.id);
    const { userErrors } = await update({ id: connection.id, username: 'new', syncOnSave: true });
    expect(userErrors).toMatchObject([{ code: 'RUN_ACTIVE', field: 'syncOnSave' }]);
    expect((await update({ id: connection.id })).connection.username).toBe('admin');
  });
});

describe('changing an item', () => {
  const dataSync = async (input: Record<string, unknown>) =>
    (await subgraph.ask(UPDATE_DATA_SYNC, { input })).updateDataSync;
  const schedule = async (input: Record<string, unknown>) =>
    (await subgraph.ask(UPDATE_SCHEDULE, { input })).updateSchedule;

  test.each([
    [{ name: 'with space' }, 'INVALID', 'name'],
    [{ operations: [] }, 'REQUIRED', 'operations'],
    [{ operations: ['ADD', 'ADD'] }, 'INVALID', 'operations'],
  ])('a data sync is refused with %j', async (input, code, field) => {
    const { connection } = await create();
    const { userErrors } = await dataSync({ id: `${connection.id}.sync`, ...input });
    expect(userErrors).toEqual([{ code, field, message: expect.stringMatching(/^[A-Z].*\.$/) }]);
  });

  test('a purge can only remove', async () => {
    const { connection } = await create();
    const { userErrors } = await dataSync({ id: `${connection.id}.purge`, operations: ['ADD'] });
    expect(userErrors).toMatchObject([{ code: 'INVALID', field: 'operations' }]);
  });

  test.each([
    [{ cron: '* * * *' }, 'cron'],
    [{ cron: '61 * * * *' }, 'cron'],
    [{ cron: '@hourly' }, 'cron'],
    [{ cron: '0 0 30 2 *' }, 'cron'],
    [{ cron: '0 0 0 1 1 *' }, 'cron'],
    [{ cron: `${'1,'.repeat(200)}1 * * * *` }, 'cron'],
    [{ timeZone: 'Mars/Olympus' }, 'timeZone'],
    [{ timeZone: '+01:00' }, 'timeZone'],
    [{ timeZone: '' }, 'timeZone'],
  ])('a schedule is refused with %j', async (input, field) => {
    const { connection } = await create();
    const { userErrors } = await schedule({ id: `${connection.id}.schedule`, ...input });
    expect(userErrors).toMatchObject([{ code: 'INVALID', field }]);
  });

  test('a schedule shows its next time while it is enabled', async () => {
    const { connection } = await create();
    const id = `${connection.id}.schedule`;
    const { schedule: enabled } = await schedule({ id, enabled: true, cron: '0 4 * * *', timeZone: 'Europe/Berlin' });
    expect(enabled.nextRunAt).toMatch(/T0[23]:00:00\.000Z$/);
    expect((await schedule({ id, enabled: false })).schedule.nextRunAt).toBeNull();
  });

  test('an item of a connection the caller does not see is not there', async () => {
    const { connection } = await create();
    const { updateSchedule } = await subgraph.ask(
      UPDATE_SCHEDULE,
      { input: { id: `${connection.id}.schedule`, enabled: true } },
      caller('CUSTOMER_ADMIN', 'globex', ['CONNECTIONS']),
    );
    expect(updateSchedule.userErrors).toMatchObject([{ code: 'NOT_FOUND', field: 'id' }]);
  });
});

test('connections are listed in order of their names, page by page, with their count', async () => {
  for (const name of ['beta', 'Alpha', 'gamma']) await create({ name });
  await create({ name: 'delta', node: 'rome' });
  const list = `query($within: ID, $after: String) {
    audioCodesConnections(within: $within, first: 2, after: $after) {
      totalCount edges { node { name } } pageInfo { hasNextPage endCursor }
    }
  }`;
  const first = (await subgraph.ask(list, { within: 'acme' })).audioCodesConnections;
  expect(first).toMatchObject({
    totalCount: 3,
    edges: [{ node: { name: 'Alpha' } }, { node: { name: 'beta' } }],
    pageInfo: { hasNextPage: true },
  });
  const { endCursor } = first.pageInfo;
  const second = (await subgraph.ask(list, { within: 'acme', after: endCursor })).audioCodesConnections;
  expect(second.edges).toEqual([{ node: { name: 'gamma' } }]);
  expect((await subgraph.ask(list)).audioCodesConnections.totalCount).toBe(4);
});
