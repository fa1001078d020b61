/** A day of somebody who audits, by the operations that are saved for user interfaces. */
import { readOperation } from '@numberyard/schema/operations';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ApiClient } from '../src/world/client.js';
import { addNumbers, createCustomer, type Customer } from '../src/world/steps.js';
import { openWorld, type World } from '../src/world/world.js';

type Id = { readonly id: string };
interface Edges<T> {
  readonly edges: readonly { readonly node: T }[];
}
interface Update {
  readonly change: string;
  readonly cursor: string;
  readonly auditRun: Id & { readonly state: string; readonly customer: { readonly name: string } };
}

let world: World;
let customer: Customer;
let client: ApiClient;

beforeAll(async () => {
  world = await openWorld();
  customer = await createCustomer(world, 'Clerk');
  client = world.client();
  await addNumbers(client, customer.sites[0] ?? '', '4000', '4009');
});
afterAll(() => world?.close());

const change = <T extends object>(operation: string, input: Record<string, unknown>) =>
  client.change<T>(readOperation(operation), input);
const ask = <T>(operation: string, variables: Record<string, unknown>) =>
  client.ask<T>(readOperation(operation), variables);

/** Watch an audit to its end. */
async function watched(run: string, after?: string): Promise<readonly Update[]> {
  const stream = client.subscribe<Update>(readOperation('AuditUpdates'), { run, ...(after && { after }) });
  await waitUntil(`audit ${run} to end`, () => stream.problem || stream.events.at(-1)?.change === 'FINISHED');
  await stream.stop();
  expect(stream.problem).toBeUndefined();
  return stream.events;
}

it('services are made, an audit is tried, watched, looked at and applied, and its number and the drift tell of it', async () => {
  const [site = ''] = customer.sites;
  const { epoch, head } = await world.store('audit').log.state();
  const { numberService } = await change<{ numberService: Id }>('CreateService', {
    node: site,
    kind: 'HUNT_PILOT',
    name: 'Desk',
    number: '4000',
  });
  await change('UpdateService', { id: numberService.id, cluster: 'east' });
  expect(await ask('ServiceDetail', { id: numberService.id })).toMatchObject({ cluster: 'east', number: '4000' });
  const services = await ask<Edges<Id>>('ServiceList', { filter: { within: site } });
  expect(services.edges.map(({ node }) => node.id)).toEqual([numberService.id]);

  const audit = { customer: customer.customer, level: 'SITE', dryRun: true };
  const { auditRun: dry } = await change<{ auditRun: Id }>('StartAudit', audit);
  const updates = await watched(dry.id, `${epoch}.${head}`);
  expect(updates[0]).toMatchObject({ change: 'QUEUED', auditRun: { id: dry.id, customer: { name: 'Clerk' } } });
  expect(updates.at(-1)?.auditRun.state).toBe('SUCCEEDED');
  const again = await watched(dry.id, updates[0]?.cursor);
  expect(again.map(({ cursor }) => cursor)).toEqual(updates.slice(1).map(({ cursor }) => cursor));
  expect(await ask('AuditFindings', { run: dry.id, filter: { kind: 'MARKED_USED' } })).toMatchObject({
    findings: { edges: [{ node: { number: '4000', outcome: 'PROPOSED', inventoryNumber: { status: 'AVAILABLE' } } }] },
  });

  const applying = { run: dry.id };
  const { auditRun: applied } = await change<{ auditRun: Id }>('ApplyAudit', applying);
  expect((await watched(applied.id, `${epoch}.${head}`)).at(-1)?.auditRun.state).toBe('SUCCEEDED');
  expect(await ask('AuditDetail', { id: dry.id })).toMatchObject({ appliedBy: { id: applied.id } });
  expect(await ask('AuditedNumbers', { filter: { startsWith: '4000' } })).toMatchObject({
    edges: [
      {
        node: {
          status: 'USED_UTILITY',
          lastAudit: { kind: 'MARKED_USED', outcome: 'APPLIED', run: { id: applied.id } },
        },
      },
    ],
  });
  const mark = { counts: { updated: 1 }, findingCounts: [{ kind: 'MARKED_USED', count: 1 }] };
  expect(await ask('AuditDrift', { customer: customer.customer })).toMatchObject({
    edges: [{ node: { ...mark, trigger: 'APPLY' } }, { node: { ...mark, dryRun: true } }],
  });
  const listed = await ask<Edges<Id>>('AuditList', { customer: customer.customer });
  expect(listed.edges.map(({ node }) => node.id)).toEqual([applied.id, dry.id]);
  await change('DeleteServices', { ids: [numberService.id] });
});

it('a schedule is set, seen and switched off', async () => {
  const timing = { customer: customer.customer, cron: '0 3 * * 1', timeZone: 'Europe/Berlin' };
  await change('UpdateAuditSchedule', { ...timing, enabled: true });
  expect(await ask('AuditScheduleOf', { customer: customer.customer })).toMatchObject({
    customer: { name: 'Clerk' },
    level: 'CUSTOMER',
    dryRun: true,
    nextRunAt: expect.stringMatching(/T0[12]:00:00.000Z$/) as unknown,
  });
  await change('UpdateAuditSchedule', { customer: customer.customer, enabled: false });
  expect(await ask('AuditScheduleOf', { customer: customer.customer })).toMatchObject({ nextRunAt: null });
});
