/** What acts on the outside world happens once for an idempotency key, however often it is asked for. */
import type { RoutingManager } from '@numberyard/simulator-arm/routing-manager';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PASSWORD, TestSubgraph } from './support/subgraph.js';
import { UPDATE } from './support/operations.js';

let subgraph: TestSubgraph;
let simulator: RoutingManager;
let id: string;

beforeEach(async () => {
  subgraph = await TestSubgraph.open();
  simulator = await subgraph.simulator({ users: { count: 3, firstNumber: '+4930' } });
  ({ id } = await subgraph.connect(simulator));
});
afterEach(() => subgraph.close());

const idempotencyKey = 'once';
const reused = [{ code: 'IDEMPOTENCY_KEY_REUSED', field: 'idempotencyKey' }];

async function update(input: Record<string, unknown>) {
  return (await subgraph.ask(UPDATE, { input: { id, ...input } })).updateAudioCodesConnection;
}

async function remove(input: Record<string, unknown>) {
  const source = `mutation($input: DeleteAudioCodesConnectionInput!) {
    deleteAudioCodesConnection(input: $input) { syncRun { id } userErrors { code message field } }
  }`;
  return (await subgraph.ask(source, { input: { id, ...input } })).deleteAudioCodesConnection;
}

async function dial(input: Record<string, unknown>) {
  const source = `mutation($input: TestAudioCodesConnectionInput!) {
    testAudioCodesConnection(input: $input) { connection { id } durationMs registeredUserCount userErrors { code message field } }
  }`;
  return (await subgraph.ask(source, { input: { id, ...input } })).testAudioCodesConnection;
}

test('saving with a sync queues one run', async () => {
  const { syncRun } = await update({ syncOnSave: true, password: PASSWORD, idempotencyKey });
  await subgraph.ended(syncRun.id);
  const again = await update({ syncOnSave: true, password: PASSWORD, idempotencyKey });
  expect(again).toMatchObject({ syncRun: { id: syncRun.id }, userErrors: [] });
  expect((await subgraph.ask('{ syncRuns { edges { node { id } } } }')).syncRuns.edges).toHaveLength(1);
  expect((await update({ name: 'other', idempotencyKey })).userErrors).toMatchObject(reused);
  for (const password of ['another', undefined])
    expect((await update({ syncOnSave: true, password, idempotencyKey })).userErrors).toMatchObject(reused);
  expect((await update({ idempotencyKey: '' })).userErrors).toMatchObject([{ code: 'OUT_OF_RANGE' }]);
});

test('a deletion is told as it went, though the connection is gone', async () => {
  await subgraph.sync(id);
  const { syncRun } = await remove({ idempotencyKey });
  await subgraph.ended(syncRun.id);
  expect((await remove({})).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
  expect(await remove({ idempotencyKey })).toMatchObject({ syncRun: { id: syncRun.id }, userErrors: [] });
  expect((await remove({ id: 'other', idempotencyKey })).userErrors).toMatchObject(reused);
});

test('a test dials once, and its result is told again, a failure too', async () => {
  const first = await dial({ idempotencyKey });
  expect(first).toMatchObject({ registeredUserCount: 3, userErrors: [] });
  simulator.control.fault({ kind: 'unauthorized' });
  expect(await dial({ idempotencyKey })).toEqual(first);
  const failed = await dial({ idempotencyKey: 'another' });
  expect(failed.userErrors).toMatchObject([{ code: 'CREDENTIALS_REFUSED', field: 'password' }]);
  simulator.control.clearFaults();
  expect(await dial({ idempotencyKey: 'another' })).toEqual(failed);
});

test('two at the same time with one key are told the same', async () => {
  const [one, other] = await Promise.all([dial({ idempotencyKey }), dial({ idempotencyKey })]);
  expect(one).toEqual(other);
});

test('what a request led to names it', async () => {
  await update({ name: 'renamed' });
  const { events } = await subgraph.store.log.read({ after: 0, limit: 100, types: ['AudioCodesConnectionSaved'] });
  expect(events.map(({ cause }) => cause)).toEqual(['request:test', 'request:test']);
});
