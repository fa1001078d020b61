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

interface StatusCount {
  readonly status: string;
  readonly count: number;
}

/** Numbers of the customer by status; nobody was cooled, taken or lost when all are Used and there are as many as before. */
async function byStatus(): Promise<Readonly<Record<string, number>>> {
  const summary = await world
    .client()
    .ask<{ byStatus: readonly StatusCount[] }>('{ numberSummary { byStatus { status count } } }');
  const some = summary.byStatus.filter(({ count }) => count > 0);
  return Object.fromEntries(some.map(({ status, count }) => [status, count]));
}

const FAILS: [string, Fault, string][] = [
  ['a page that is cut each time', { kind: 'cut-page', onPage: 2 }, 'UNEXPECTED_ANSWER'],
  ['a page that fails each time', { kind: 'failed-page', onPage: 2 }, 'UNEXPECTED_ANSWER'],
  ['an empty list after a full one', { kind: 'empty-list' }, 'EMPTY_LISTING'],
  ['a listing that is switched off', { kind: 'feature-disabled' }, 'EMPTY_LISTING'],
  ['a listing that is not there', { kind: 'feature-disabled', answer: '404' }, 'UNEXPECTED_ANSWER'],
  ['a page of a proxy', { kind: 'bad-json', onPage: 2 }, 'UNEXPECTED_ANSWER'],
  ['a record of another shape', { kind: 'wrong-shape', onPage: 3 }, 'UNEXPECTED_ANSWER'],
  ['a refusal in the middle', { kind: 'unauthorized', onPage: 2 }, 'CREDENTIALS_REFUSED'],
  ['a right that was taken away', { kind: 'forbidden', onPage: 2 }, 'CREDENTIALS_REFUSED'],
  ['throttling that does not end', { kind: 'throttled', onPage: 2 }, 'UNEXPECTED_ANSWER'],
  ['a redirect to another host', { kind: 'redirect', location: 'http://169.254.169.254/' }, 'ADDRESS_NOT_ALLOWED'],
  ['a redirect to the same host', { kind: 'redirect', onPage: 2, location: '/' }, 'UNEXPECTED_ANSWER'],
  ['a field that is huge', { kind: 'huge-field', onPage: 2, bytes: 20_000_000 }, 'UNEXPECTED_ANSWER'],
  ['an answer that never ends', { kind: 'endless-answer', onPage: 2 }, 'UNEXPECTED_ANSWER'],
  ['a listing that never ends', { kind: 'endless-list' }, 'UNEXPECTED_ANSWER'],
];

const DISBELIEVED: [string, Fault][] = [
  ['a repeated page', { kind: 'repeated-page', onPage: 2 }],
  ['a page that is cut short without a word', { kind: 'short-page', onPage: 2, items: 0 }],
  ['totals that contradict each other', { kind: 'inconsistent-total', onPage: 2 }],
];

it.each(FAILS)('fails the run on %s and cools nobody', async (_what, fault, code) => {
  manager.control.fault(fault);
  const run = await sync(world.client(), connection.sync);
  expect(run).toMatchObject({ state: 'FAILED', error: { code, message: expect.stringMatching(/\.$/) as string } });
  expect(await byStatus()).toEqual({ USED: USERS });
});

it.each(DISBELIEVED)('keeps everybody on %s and says that the listing was incomplete', async (_what, fault) => {
  manager.control.fault(fault);
  const run = await sync(world.client(), connection.sync);
  expect(run.state).toBe('SUCCEEDED_WITH_ISSUES');
  expect(run.issues.edges.map(({ node }) => node.kind)).toEqual(['LISTING_INCOMPLETE']);
  expect(await byStatus()).toEqual({ USED: USERS });
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
  expect(await byStatus()).toEqual({ USED: USERS });
  manager.control.changeNode('1', 'unlock');
});

it('believes pages that shift while they are read only as far as they go', async () => {
  manager.control.fault({ kind: 'mutating-list', onPage: 1, times: 1, count: 3 });
  const run = await sync(world.client(), connection.sync);
  expect(run.issues.edges.map(({ node }) => node.kind)).toEqual(['LISTING_INCOMPLETE']);
  expect(await byStatus()).toEqual({ USED: USERS });
  // Three devices are gone indeed.
  expect(await sync(world.client(), connection.sync)).toMatchObject({ state: 'SUCCEEDED', progress: { removed: 3 } });
  expect(await byStatus()).toEqual({ USED: USERS - 3, COOLING: 3 });
  for (let index = 0; index < 3; index += 1) manager.control.bringBack(`+${Number(FIRST) + index}`);
  expect(await sync(world.client(), connection.sync)).toMatchObject({ effect: { numbersReturned: 3 } });
  expect(await byStatus()).toEqual({ USED: USERS });
});

it('reports a user part that is no number and mirrors the others', async () => {
  manager.control.register('reception');
  const run = await sync(world.client(), connection.sync);
  expect(run.issues.edges.map(({ node }) => node)).toEqual([
    expect.objectContaining({ kind: 'NOT_A_NUMBER', subject: expect.stringContaining('reception') as string }),
  ]);
  expect(await byStatus()).toEqual({ USED: USERS });
});
