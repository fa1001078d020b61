/** Number management switched off and on again, and a dial plan with codes, against a Routing Manager. */
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect, createCustomer, numberOf, sync, type Connected, type Customer } from '../src/world/steps.js';
import { openWorld, type Credentials, type World } from '../src/world/world.js';
import type { RoutingManager } from '@numberyard/simulator-arm/routing-manager';

const NODE = '{ hierarchyNode { id } userErrors { code message field } }';
const UPDATE = `mutation($input: UpdateHierarchyNodeInput!) { updateHierarchyNode(input: $input) ${NODE} }`;
const RETIRE = `mutation($input: RetireHierarchyNodeInput!) { retireHierarchyNode(input: $input) ${NODE} }`;
const CLAIM = `mutation($input: ClaimNextAvailableNumberInput!) {
  claimNextAvailableNumber(input: $input) { number { number } userErrors { code message field } }
}`;
const [goes, stays, comes, elsewhere] = ['8110', '8111', '8112', '9910'] as const;

let world: World;
let customer: Customer;
let manager: RoutingManager & Credentials;
let connection: Connected;

beforeAll(async () => {
  world = await openWorld();
  customer = await createCustomer(world);
  manager = await world.routingManager({});
  const [site, other] = customer.sites;
  await world.client().change(UPDATE, { id: customer.customer, dialPlan: 'SITE_LOCATION_CODES' });
  await world.client().change(UPDATE, { id: site, siteLocationCode: '81' });
  await world.client().change(UPDATE, { id: other, siteLocationCode: '82' });
  connection = await connect(world.client(), customer.customer, 'main', manager);
});

afterAll(() => world?.close());

const statusOf = async (number: string) => (await numberOf(world.client(), customer.customer, number))?.status;
const manage = (numberManagement: boolean) =>
  world.client().change(UPDATE, { id: customer.customer, numberManagement });

it('makes the numbers of devices at the site whose code they begin with, and tells of the others', async () => {
  for (const number of [goes, stays, elsewhere]) manager.control.register(number);
  const run = await sync(world.client(), connection.sync);
  expect(run).toMatchObject({ state: 'SUCCEEDED_WITH_ISSUES', effect: { numbersCreated: 2, numbersUsed: 2 } });
  expect(run.issues.edges.map(({ node }) => [node.kind, node.subject])).toEqual([['NUMBER_MISPLACED', elsewhere]]);
  const numbers = await world
    .client()
    .ask<{ totalCount: number }>('query($within: ID) { numbers(filter: { within: $within }) { totalCount } }', {
      within: customer.sites[0],
    });
  expect(numbers.totalCount).toBe(2);
});

it('mirrors the users and leaves their numbers alone while number management is off', async () => {
  await manage(false);
  manager.control.drop(goes);
  manager.control.register(comes);
  const run = await sync(world.client(), connection.sync);
  expect(run).toMatchObject({ state: 'SUCCEEDED_WITH_ISSUES', progress: { added: 1, removed: 1 } });
  expect(run.issues.edges.map(({ node }) => node.kind)).toEqual(['NUMBER_MANAGEMENT_OFF']);
  expect([await statusOf(goes), await statusOf(stays), await statusOf(comes)]).toEqual(['USED', 'USED', undefined]);
});

it('takes the uses from their owner when it is switched on again', async () => {
  await manage(true);
  await waitUntil('the number that came to be Used', async () => (await statusOf(comes)) === 'USED');
  expect([await statusOf(goes), await statusOf(stays)]).toEqual(['COOLING', 'USED']);
});

it('hands numbers out again at once', async () => {
  const [site] = customer.sites;
  const add =
    'mutation($input: AddNumbersInput!) { addNumbers(input: $input) { existing userErrors { code message field } } }';
  await world.client().change(add, { node: site, numbers: ['8119'] });
  const claim = { node: site, ref: 'someone', idempotencyKey: 'claim-after-switching-on' };
  await manage(false);
  await expect(world.client().change(CLAIM, claim)).rejects.toThrow('NUMBER_MANAGEMENT_OFF');
  await manage(true);
  expect(await world.client().change(CLAIM, claim)).toMatchObject({ number: { number: '8119' } });
});

it('makes a number that had no home once a site has its code, and lets the site be retired only without it', async () => {
  const { customer: parent } = customer;
  const create = `mutation($input: CreateHierarchyNodeInput!) { createHierarchyNode(input: $input) ${NODE} }`;
  const site = { parent, type: 'SITE', name: 'Late', siteLocationCode: '99' };
  const { hierarchyNode } = await world.client().change<{ hierarchyNode: { id: string } }>(create, site);
  await waitUntil('the number', async () => (await statusOf(elsewhere)) === 'USED');
  await expect(world.client().change(RETIRE, { id: hierarchyNode.id })).rejects.toThrow('NODE_IN_USE');
});
