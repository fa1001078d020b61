/** What an audit is refused, and to whom, and that a partner learns nothing of it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { askAudit, askCancel, audit } from '../src/audit/steps.js';
import { createService } from '../src/audit/services.js';
import { addNumbers, createCustomer, createNode, type Customer } from '../src/world/steps.js';
import { openWorld, type World } from '../src/world/world.js';

let world: World;
let customer: Customer;
let other: Customer;

beforeAll(async () => {
  world = await openWorld();
  customer = await createCustomer(world, 'Refused');
  other = await createCustomer(world, 'Other');
});
afterAll(() => world?.close());

const update = (input: Record<string, unknown>) =>
  world
    .client()
    .change(
      'mutation($input: UpdateHierarchyNodeInput!) { updateHierarchyNode(input: $input) { userErrors { code message field } } }',
      input,
    );

async function keyOf(role: string, node: string): Promise<string> {
  const { key } = await world
    .client()
    .change<{ key: string }>(
      'mutation($input: CreateApiKeyInput!) { createApiKey(input: $input) { key userErrors { code message field } } }',
      { label: `${role} key`, role, node },
    );
  return key;
}

async function refused(input: Record<string, unknown>): Promise<string[]> {
  const { auditRun, userErrors } = await askAudit(world.client(), input as never);
  expect(auditRun).toBeNull();
  return userErrors.map(({ code }) => code);
}

it('refuses with a code what the documents do not allow', async () => {
  const [one = '', two = ''] = customer.sites;
  const site = (sites: readonly string[] | null) => ({ customer: customer.customer, level: 'SITE', sites });
  expect(await refused({ customer: one, level: 'CUSTOMER' })).toEqual(['WRONG_NODE_TYPE']);
  expect(await refused({ customer: customer.reseller, level: 'SITE' })).toEqual(['WRONG_NODE_TYPE']);
  expect(await refused({ customer: 'nowhere', level: 'SITE' })).toEqual(['NOT_FOUND']);
  expect(await refused(site([]))).toEqual(['REQUIRED']);
  expect(await refused(site(Array.from({ length: 201 }, (_, index) => `site ${index}`)))).toEqual(['OUT_OF_RANGE']);
  expect(await refused(site([one, two, one]))).toEqual(['DUPLICATE_SITE']);
  expect(await refused(site([one, other.sites[0] ?? '']))).toEqual(['FOREIGN_SITE']);
  await update({ id: other.customer, numberManagement: false });
  expect(await refused({ customer: other.customer, level: 'CUSTOMER' })).toEqual(['NUMBER_MANAGEMENT_OFF']);
  const coded = await createNode(world.client(), customer.reseller, 'CUSTOMER', 'Coded');
  await update({ id: coded, dialPlan: 'SITE_LOCATION_CODES' });
  expect(await refused({ customer: coded, level: 'CUSTOMER' })).toEqual(['DIAL_PLAN']);
  expect(await audit(world.client(), { customer: coded, level: 'SITE' })).toMatchObject({ state: 'SUCCEEDED' });
});

it('runs for provider and reseller administrators only, each at their own customers', async () => {
  const input = { customer: customer.customer, level: 'CUSTOMER' } as const;
  for (const role of ['CUSTOMER_ADMIN', 'SITE_ADMIN', 'OPERATOR', 'PARTNER']) {
    const node = role === 'SITE_ADMIN' ? (customer.sites[0] ?? '') : customer.customer;
    const client = world.client(await keyOf(role, node));
    await expect(askAudit(client, input)).rejects.toThrow('FORBIDDEN');
    await expect(askCancel(client, 'nothing')).rejects.toThrow('FORBIDDEN');
  }
  const reseller = world.client(await keyOf('RESELLER_ADMIN', customer.reseller));
  expect(await audit(reseller, input)).toMatchObject({ state: 'SUCCEEDED' });
  const stranger = world.client(await keyOf('RESELLER_ADMIN', other.reseller));
  expect((await askAudit(stranger, input)).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
});

it('shows a partner numbers, and nothing of their audits and services', async () => {
  await addNumbers(world.client(), customer.customer, '1000', '1001');
  await createService(world.client(), {
    node: customer.customer,
    kind: 'MEET_ME',
    name: 'a-service-of-the-customer',
    number: '1000',
  });
  const run = await audit(world.client(), { customer: customer.customer, level: 'CUSTOMER' });
  const partner = world.client(await keyOf('PARTNER', customer.customer));
  for (const query of [
    '{ auditRuns { edges { node { id } } } }',
    `{ auditRun(id: "${run.id}") { id } }`,
    '{ numberServices { edges { node { id } } } }',
    `{ auditSchedule(customer: "${customer.customer}") { cron } }`,
  ]) {
    const { data, errors } = await partner.send(query);
    expect({ query, codes: errors?.map(({ extensions }) => extensions?.['code']) }).toEqual({
      query,
      codes: ['FORBIDDEN'],
    });
    expect(JSON.stringify(data ?? null)).not.toContain(run.id);
  }
  const answer = await partner.send('{ numbers { edges { node { number status lastAudit { id kind } } } } }');
  const told = JSON.stringify(answer);
  expect(told).toContain('"1000"');
  expect(told).not.toMatch(/MARKED_USED|a-service-of-the-customer/);
});
