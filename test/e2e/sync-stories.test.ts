/** What syncs do to numbers where several things use them, and where administrators bound or undo what a sync may do. */
import type { RoutingManager } from '@numberyard/simulator-arm/routing-manager';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  connect,
  createCustomer,
  ended,
  numberOf,
  setMacro,
  sync,
  type Connected,
  type Run,
} from '../src/world/steps.js';
import { openWorld, type Credentials, type World } from '../src/world/world.js';

let world: World;

beforeAll(async () => {
  world = await openWorld({ apart: true });
});
afterAll(() => world?.close());

interface Story {
  readonly customer: string;
  readonly reseller: string;
  readonly site: string;
  readonly manager: RoutingManager & Credentials;
  readonly connection: Connected;
}

/** A customer of its own with a synced connection at its first site. */
async function story(name: string, users: number, first: string): Promise<Story> {
  const { customer, reseller, sites } = await createCustomer(world, name);
  const site = sites[0] ?? customer;
  const manager = await world.routingManager(users > 0 ? { users: { count: users, firstNumber: first } } : {});
  const connection = await connect(world.client(), site, 'main', manager);
  await sync(world.client(), connection.sync);
  return { customer, reseller, site, manager, connection };
}

const run = (dataSync: string) => sync(world.client(), dataSync);
const issuesOf = ({ issues }: Run) => issues.edges.map(({ node }) => [node.kind, node.subject]);

async function remove(id: string): Promise<Run> {
  const { syncRun } = await world.client().change<{ syncRun: { id: string } }>(
    `mutation($input: DeleteAudioCodesConnectionInput!) {
      deleteAudioCodesConnection(input: $input) { syncRun { id } userErrors { code message field } }
    }`,
    { id },
  );
  return ended(world.client(), syncRun.id);
}

it('keeps both uses of a number that two connections claim, with an issue, and the number goes when the last of them goes', async () => {
  const number = '+493023125000';
  const { customer, site, manager, connection } = await story('Two', 2, number);
  const second = await world.routingManager({ users: { count: 1, firstNumber: number } });
  const other = await connect(world.client(), site, 'second', second);
  expect(issuesOf(await run(other.sync))).toEqual([['NUMBER_USED_BY_OTHER', number]]);
  const of = () => numberOf(world.client(), customer, number);
  // The earliest use is shown.
  expect(await of()).toMatchObject({ status: 'USED', connection: { id: connection.id } });
  manager.control.drop(number);
  expect(await run(connection.sync)).toMatchObject({ progress: { removed: 1 }, effect: { numbersCooling: 0 } });
  expect(await of()).toMatchObject({ status: 'USED', connection: { id: other.id } });
  expect(await remove(other.id)).toMatchObject({ state: 'SUCCEEDED', effect: { numbersCooling: 1 } });
  expect(await of()).toMatchObject({ status: 'COOLING' });
});

it('keeps a number that is registered at two SBCs until it is at none', async () => {
  const { customer, manager, connection } = await story('Twice', 0, '');
  const number = '+493023125100';
  const [one, two] = [manager.control.register(number, '1'), manager.control.register(number, '2')];
  expect(await run(connection.sync)).toMatchObject({ effect: { numbersCreated: 1, numbersUsed: 1 } });
  manager.control.drop(one);
  await run(connection.sync);
  expect(await numberOf(world.client(), customer, number)).toMatchObject({ status: 'USED' });
  manager.control.takeOffline(two);
  await run(connection.sync);
  expect(await numberOf(world.client(), customer, number)).toMatchObject({ status: 'COOLING' });
});

it('fails with DELETE_THRESHOLD by the macro of the nearest node, and cools nobody; a purge goes on', async () => {
  const { customer, reseller, site, manager, connection } = await story('Bounded', 10, '+493023125200');
  const macro = 'PULL_SYNC_DELETE_THRESHOLD_AUDIOCODES';
  await setMacro(world.client(), reseller, macro, '1');
  for (const index of [0, 1, 2]) manager.control.drop(`+49302312520${index}`);
  expect(await run(connection.sync)).toMatchObject({
    state: 'FAILED',
    error: { code: 'DELETE_THRESHOLD' },
    progress: { removed: 0 },
  });
  expect(await numberOf(world.client(), customer, '+493023125200')).toMatchObject({ status: 'USED' });
  await setMacro(world.client(), site, macro, '3');
  expect(await run(connection.sync)).toMatchObject({ state: 'SUCCEEDED', effect: { numbersCooling: 3 } });
  expect(await run(connection.purge)).toMatchObject({ state: 'SUCCEEDED', effect: { numbersCooling: 7 } });
});

it('cools the numbers of a connection that is deleted, and one of the same name takes them back', async () => {
  const { customer, site, manager, connection } = await story('Again', 5, '+493023125300');
  const of = () => numberOf(world.client(), customer, '+493023125304');
  const before = await of();
  expect(await remove(connection.id)).toMatchObject({ state: 'SUCCEEDED', effect: { numbersCooling: 5 } });
  expect(await of()).toMatchObject({ id: before?.id, status: 'COOLING' });
  const again = await connect(world.client(), site, 'main', manager);
  expect(await run(again.sync)).toMatchObject({
    state: 'SUCCEEDED',
    effect: { numbersReturned: 5, numbersCreated: 0 },
  });
  expect(await of()).toMatchObject({ id: before?.id, status: 'USED', tag: null, connection: { id: again.id } });
});

it('leaves the numbers of those outside its filter as they are', async () => {
  const { customer, manager, connection } = await story('Filtered', 4, '+493023125400');
  await world
    .client()
    .change(
      'mutation($input: UpdateDataSyncInput!) { updateDataSync(input: $input) { dataSync { id } userErrors { code message field } } }',
      { id: connection.sync, filter: [{ attribute: 'NUMBER', operator: 'NOT_IN', values: ['+493023125400'] }] },
    );
  manager.control.drop('+493023125400');
  manager.control.drop('+493023125401');
  expect(await run(connection.sync)).toMatchObject({ state: 'SUCCEEDED', progress: { removed: 1 } });
  expect(await numberOf(world.client(), customer, '+493023125400')).toMatchObject({ status: 'USED' });
  expect(await numberOf(world.client(), customer, '+493023125401')).toMatchObject({ status: 'COOLING' });
});
