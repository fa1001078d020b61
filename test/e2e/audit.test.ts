/** Audits as "Audit Number Inventory" tells them: at the customer (mixed mode), at all sites and at some; what is found, what is corrected, and what is left alone. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createService, deleteServices } from '../src/audit/services.js';
import { apply, askApply, audit, findingsOf, told } from '../src/audit/steps.js';
import { addNumbers, connect, createCustomer, numberOf, sync, type Customer } from '../src/world/steps.js';
import { openWorld, type World } from '../src/world/world.js';

let world: World;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

const admin = () => world.client();

/** `status usage vendor` of a number, and where it lives. */
async function shownAt(customer: Customer, number: string): Promise<string> {
  const found = await admin().ask<{
    status: string;
    usage: string[];
    vendor: string | null;
    hierarchyNode: { id: string };
  } | null>(
    `query($customer: ID!, $number: String!) {
      numberByValue(customer: $customer, number: $number) { status usage vendor hierarchyNode { id } } }`,
    { customer: customer.customer, number },
  );
  if (!found) return 'none';
  const site = customer.sites.indexOf(found.hierarchyNode.id);
  const home = found.hierarchyNode.id === customer.customer ? 'customer' : `site ${site + 1}`;
  return `${found.status} ${found.usage.join('+') || '-'} ${found.vendor ?? '-'} at ${home}`;
}

const change = (mutation: string, type: string, input: Record<string, unknown>) =>
  admin().change(
    `mutation($input: ${type}!) { ${mutation}(input: $input) { userErrors { code message field } } }`,
    input,
  );

it('audits customer and sites together: a dry run tells what applying it then does, and what is right afterwards stays', async () => {
  const customer = await createCustomer(world, 'Mixed');
  const [one = '', two = ''] = customer.sites;
  const atCustomer = await addNumbers(admin(), customer.customer, '1000', '1005');
  const atSite = await addNumbers(admin(), one, '2000', '2005');
  const manager = await world.routingManager({});
  for (const number of ['2000', '2001']) manager.control.register(number);
  await sync(admin(), (await connect(admin(), one, 'main', manager)).sync);
  const service = (node: string, kind: string, number: string, more = {}) =>
    createService(admin(), { node, kind, number, name: `${kind} ${number}`, ...more });
  await service(customer.customer, 'DEVICE_PROFILE', '1000');
  await service(one, 'PICKUP_GROUP_PILOT', '1001');
  await service(two, 'MULTI_VENDOR_PHONE', '1002', { vendor: 'Yealink', mac: '0011.2233.4455' });
  await service(one, 'CALL_PARK', '1003');
  await service(one, 'MEET_ME', '1004');
  const pilot = await service(one, 'HUNT_PILOT', '2000');
  await service(two, 'TEAMS_USER', '2002');
  const webex = await service(two, 'WEBEX_USER', '3000');
  await change('startCooling', 'StartCoolingInput', { ids: [atCustomer[3], atSite[3]] });
  await change('reserveNumbers', 'ReserveNumbersInput', { ids: [atCustomer[4]] });

  const dry = await audit(admin(), { customer: customer.customer, level: 'CUSTOMER', dryRun: true });
  expect(dry).toMatchObject({ state: 'SUCCEEDED', dryRun: true, error: null, progress: { total: 12 } });
  expect(dry.sourcesAsOf).toMatchObject([{ name: 'main', lastSuccessfulSync: expect.stringMatching(/Z$/) as string }]);
  const proposed = [
    'CREATED PROPOSED 3000',
    'MARKED_USED PROPOSED 1000',
    'MARKED_USED PROPOSED 1001',
    'MARKED_USED PROPOSED 1002',
    'MARKED_USED PROPOSED 2002',
    'SKIPPED_COOLING REPORTED 1003',
    'SKIPPED_RESERVED REPORTED 1004',
    'USES_CORRECTED PROPOSED 2000',
    'VENDOR_CONFLICT REPORTED 2000',
  ];
  expect(told(await findingsOf(admin(), dry.id))).toEqual(proposed);
  expect(await shownAt(customer, '1000')).toBe('AVAILABLE - - at customer');
  expect(await shownAt(customer, '3000')).toBe('none');

  const applied = await apply(admin(), dry.id);
  expect(applied).toMatchObject({ state: 'SUCCEEDED', trigger: 'APPLY', counts: { created: 1, updated: 5 } });
  expect(await shownAt(customer, '1000')).toBe('USED DEVICE - at customer');
  expect(await shownAt(customer, '1001')).toBe('USED_UTILITY PICKUP_GROUP_PILOT - at customer');
  expect(await shownAt(customer, '1002')).toBe('USED_UTILITY VOSS_PHONE Yealink at customer');
  expect(await shownAt(customer, '1003')).toBe('COOLING - - at customer');
  expect(await shownAt(customer, '1004')).toBe('RESERVED - - at customer');
  expect(await shownAt(customer, '1005')).toBe('AVAILABLE - - at customer');
  expect(await shownAt(customer, '2000')).toBe('USED DEVICE+HUNT_PILOT AudioCodes at site 1');
  expect(await shownAt(customer, '2002')).toBe('USED USER Microsoft at site 1');
  expect(await shownAt(customer, '2003')).toBe('COOLING - - at site 1');
  expect(await shownAt(customer, '3000')).toBe('USED USER Webex Calling at customer');
  expect((await askApply(admin(), dry.id)).userErrors).toMatchObject([{ code: 'NOT_APPLICABLE' }]);

  const again = await audit(admin(), { customer: customer.customer, level: 'CUSTOMER' });
  expect(again).toMatchObject({ state: 'SUCCEEDED', counts: { created: 0, updated: 0, skipped: 3 } });
  expect(told(await findingsOf(admin(), again.id))).toEqual([
    'SKIPPED_COOLING REPORTED 1003',
    'SKIPPED_RESERVED REPORTED 1004',
    'VENDOR_CONFLICT REPORTED 2000',
  ]);

  await deleteServices(admin(), [pilot, webex]);
  expect(await shownAt(customer, '3000')).toBe('USED USER Webex Calling at customer');
  const last = await audit(admin(), { customer: customer.customer, level: 'CUSTOMER' });
  const found = await findingsOf(admin(), last.id, { numberStartsWith: '3' });
  expect(told(found)).toEqual(['FREED APPLIED 3000']);
  expect(found[0]).toMatchObject({
    before: { status: 'USED', usage: ['USER'], vendor: 'Webex Calling' },
    after: { status: 'AVAILABLE', usage: [], vendor: null },
  });
  expect(await shownAt(customer, '2000')).toBe('USED DEVICE AudioCodes at site 1');
  const { lastAudit } = await admin().ask<{ lastAudit: object }>(
    'query($id: ID!) { number(id: $id) { lastAudit { kind outcome run { id } number inventoryNumber { status } } } }',
    { id: atSite[0] },
  );
  expect(lastAudit).toEqual({
    kind: 'USES_CORRECTED',
    outcome: 'APPLIED',
    run: { id: last.id },
    number: '2000',
    inventoryNumber: { status: 'USED' },
  });
  const drift = await admin().ask<{ edges: { node: { id: string; findingCounts: object[] } }[] }>(
    'query($customer: ID) { auditRuns(customer: $customer) { edges { node { id findingCounts { kind count } } } } }',
    { customer: customer.customer },
  );
  expect(drift.edges.map(({ node }) => node.id)).toEqual([last.id, again.id, applied.id, dry.id]);
  expect(drift.edges[0]?.node.findingCounts).toEqual(
    expect.arrayContaining([
      { kind: 'FREED', count: 1 },
      { kind: 'USES_CORRECTED', count: 1 },
    ]),
  );
});

it('creates and corrects numbers at sites only, all of them or some', async () => {
  const customer = await createCustomer(world, 'Sites', 3);
  const [one = '', two = '', three = ''] = customer.sites;
  await addNumbers(admin(), customer.customer, '1000', '1001');
  await addNumbers(admin(), one, '2000', '2001');
  await addNumbers(admin(), two, '3000', '3001');
  const service = (node: string, number: string) =>
    createService(admin(), { node, kind: 'CTI_ROUTE_POINT', number, name: `route point ${number}` });
  await service(one, '1000');
  await service(customer.customer, '1001');
  await service(one, '2000');
  await service(one, '3000');
  await service(three, '3001');
  await service(one, '4000');
  await service(two, '4001');
  await service(customer.customer, '4002');

  const some = await audit(admin(), { customer: customer.customer, level: 'SITE', sites: [one] });
  expect(some).toMatchObject({ state: 'SUCCEEDED', counts: { created: 1, updated: 1 } });
  expect(told(await findingsOf(admin(), some.id))).toEqual([
    'CREATED APPLIED 4000',
    'EXISTS_AT_CUSTOMER REPORTED 1000',
    'EXISTS_AT_OTHER_SITE REPORTED 3000',
    'MARKED_USED APPLIED 2000',
  ]);
  expect(await shownAt(customer, '4000')).toBe('USED_UTILITY CTI_ROUTE_POINT - at site 1');
  expect(await shownAt(customer, '4001')).toBe('none');

  const all = await audit(admin(), { customer: customer.customer, level: 'SITE' });
  expect(told(await findingsOf(admin(), all.id))).toEqual([
    'CREATED APPLIED 4001',
    'EXISTS_AT_CUSTOMER REPORTED 1000',
    'MARKED_USED APPLIED 3000',
    'MARKED_USED APPLIED 3001',
  ]);
  expect(await shownAt(customer, '3000')).toBe('USED_UTILITY CTI_ROUTE_POINT - at site 2');
  expect(await shownAt(customer, '4001')).toBe('USED_UTILITY CTI_ROUTE_POINT - at site 2');
  // "No Customer level directory numbers will be audited and no directory numbers will be added to Customer level."
  expect(await shownAt(customer, '1000')).toBe('AVAILABLE - - at customer');
  expect(await shownAt(customer, '1001')).toBe('AVAILABLE - - at customer');
  expect(await shownAt(customer, '4002')).toBe('none');

  const mixed = await audit(admin(), { customer: customer.customer, level: 'CUSTOMER' });
  expect(told(await findingsOf(admin(), mixed.id))).toEqual([
    'CREATED APPLIED 4002',
    'MARKED_USED APPLIED 1000',
    'MARKED_USED APPLIED 1001',
  ]);
  expect(await shownAt(customer, '4002')).toBe('USED_UTILITY CTI_ROUTE_POINT - at customer');
});

it('tells duplicates with the documented error and its resolution, and audits the numbers all the same', async () => {
  const { customer, sites } = await createCustomer(world, 'Doubled');
  const [node = ''] = sites;
  const service = (kind: string, name: string, number: string, more = {}) =>
    createService(admin(), { node, kind, name, number, ...more });
  await service('DEVICE_PROFILE', 'profile', '5000', { cluster: 'east' });
  await service('DEVICE_PROFILE', 'profile', '5001', { cluster: 'west' });
  await service('PHONE', 'SEP001122334455', '5002', { cluster: 'east', mac: '00:11:22:33:44:55' });
  await service('PHONE', 'SEP1', '5003', { cluster: 'west', mac: '001122334455' });
  await service('HUNT_PILOT', 'pilot', '5004', { cluster: 'east', partition: 'internal' });
  await service('CALL_PARK', 'park', '5004', { cluster: 'west', partition: 'internal' });
  await service('HUNT_PILOT', 'other pilot', '5005', { cluster: 'east', partition: 'internal' });
  await service('CALL_PARK', 'other park', '5005', { cluster: 'east', partition: 'external' });
  const run = await audit(admin(), { customer, level: 'CUSTOMER' });
  const found = await findingsOf(admin(), run.id);
  const duplicates = found.filter(({ kind }) => kind.startsWith('DUPLICATE'));
  expect(told(duplicates)).toEqual([
    'DUPLICATE_DEVICE_PROFILE REPORTED -',
    'DUPLICATE_NUMBER REPORTED 5004',
    'DUPLICATE_NUMBER REPORTED 5005',
    'DUPLICATE_PHONE REPORTED -',
  ]);
  const sentences = (kind: string) => duplicates.find((finding) => finding.kind === kind);
  expect(sentences('DUPLICATE_DEVICE_PROFILE')).toMatchObject({
    cause: expect.stringContaining('Duplicate device profiles (same profile name) in different clusters') as string,
    resolution: expect.stringContaining('Ensure device profiles are not duplicated across the sites') as string,
  });
  expect(sentences('DUPLICATE_PHONE')).toMatchObject({
    cause: expect.stringContaining('Duplicate phones (same MAC) in different clusters') as string,
    resolution: expect.stringContaining('Ensure phones are not duplicated across the clusters') as string,
  });
  expect(sentences('DUPLICATE_NUMBER')).toMatchObject({
    cause: expect.stringContaining('Same internal number in one or more clusters') as string,
    resolution: expect.stringContaining(
      'Ensure internal numbers (even in different partitions) are not duplicated across clusters',
    ) as string,
  });
  const numbers = ['5000', '5001', '5002', '5003', '5004', '5005'];
  expect(told(found.filter(({ kind }) => kind === 'CREATED'))).toEqual(
    numbers.map((number) => `CREATED APPLIED ${number}`),
  );
  expect((await numberOf(admin(), customer, '5004'))?.usage).toEqual(
    expect.arrayContaining(['HUNT_PILOT', 'CALL_PARK']),
  );
});
