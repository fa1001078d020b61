/** Absence is a hypothesis: a listing that cannot be trusted cools nobody, and the run says why. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Fault, RoutingManager } from '@numberyard/simulator-arm/routing-manager';
import { connect, createCustomer, numberOf, sync, type Connected, type Customer } from '../src/world/steps.js';
import { openWorld, type Credentials, type World } from '../src/world/world.js';

const FIRST = '+493023125000';
const USERS = 2_500;

let world: World;
let customer: Customer;
let manager: RoutingManager & Credentials;
let connection: Connected;

beforeAll(async () => {
  world = await openWorld();
  customer = await createCustomer(world);
  manager = await world.routingManager({ users: { count: USERS, firstNumber: FIRST } });
  connection = await connect(world.client(), customer.customer, 'main', manager);
  await sync(world.client(), connection.sync);
});

afterAll(() => world?.close());
beforeEach(() => manager.control.clearFaults());

async function used(): Promise<number> {
  const { totalCount } = await world
    .client()
    .ask<{ totalCount: number }>('{ numbers(filter: { status: [USED] }, first: 1) { totalCount } }');
  return totalCount;
}

const FAILS: [string, Fault, string][] = [
  ['a page that is cut each time', { kind: 'cut-page', onPage: 2 }, 'UNEXPECTED_ANSWER'],
  ['a page that fails each time', { kind: 'failed-page', onPage: 2 }, 'UNEXPECTED_ANSWER'],
  ['an empty list after a full one', { kind: 'empty-list' }, 'EMPTY_LISTING'],
];

it.each(FAILS)('fails the run on %s and cools nobody', async (_what, fault, code) => {
  manager.control.fault(fault);
  const run = await sync(world.client(), connection.sync);
  expect(run).toMatchObject({ state: 'FAILED', error: { code, message: expect.stringMatching(/\.$/) as string } });
  expect(await used()).toBe(USERS);
});

it('keeps everybody on a repeated page and says that the listing was incomplete', async () => {
  manager.control.fault({ kind: 'repeated-page', onPage: 2 });
  const run = await sync(world.client(), connection.sync);
  expect(run.state).toBe('SUCCEEDED_WITH_ISSUES');
  expect(run.issues.edges.map(({ node }) => node.kind)).toEqual(['LISTING_INCOMPLETE']);
  expect(await used()).toBe(USERS);
});

it('gets over a page that fails once', async () => {
  manager.control.fault({ kind: 'failed-page', onPage: 2, times: 1 });
  expect(await sync(world.client(), connection.sync)).toMatchObject({
    state: 'SUCCEEDED',
    progress: { fetched: USERS, unchanged: USERS },
  });
});

it('keeps a user that is missing from one listing but answers when asked for', async () => {
  manager.control.fault({ kind: 'flap', number: FIRST });
  const run = await sync(world.client(), connection.sync);
  expect(await numberOf(world.client(), customer.customer, FIRST)).toMatchObject({ status: 'USED' });
  expect(run.state).toMatch(/^SUCCEEDED/);
});

it('leaves the users of a locked SBC as they were, with an issue', async () => {
  manager.control.changeNode('1', 'lock', 'missing');
  const run = await sync(world.client(), connection.sync);
  expect(run.issues.edges.map(({ node }) => node.kind)).toContain('NODE_NOT_IN_SYNC');
  expect(await used()).toBe(USERS);
  manager.control.changeNode('1', 'unlock');
});

it('reports a user part that is no number and mirrors the others', async () => {
  manager.control.register('reception');
  const run = await sync(world.client(), connection.sync);
  expect(run.issues.edges.map(({ node }) => node)).toEqual([
    expect.objectContaining({ kind: 'NOT_A_NUMBER', subject: expect.stringContaining('reception') as string }),
  ]);
  expect(await used()).toBe(USERS);
});
