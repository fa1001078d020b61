import { mirroredNodes } from '@numberyard/kit/hierarchy/node';
import { save } from '@numberyard/kit/storage/port';
import { TestClock } from '@numberyard/kit/testing/test-clock';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { activeAudits } from '../src/models/audit-runs.js';
import { auditSchedules } from '../src/models/audit-schedules.js';
import { caller, openAudit, type AuditWorld } from './support/audit-world.js';

const HOUR = 3_600_000;
let clock: TestClock;
let world: AuditWorld;

beforeEach(async () => {
  clock = new TestClock(Date.UTC(2026, 2, 28, 12));
  world = await openAudit({ clock });
  await world.know('p', 'acme', 'berlin', 'paris', 'zeta', 'coded');
});
afterEach(() => world.close());

const SET = `mutation ($input: UpdateAuditScheduleInput!) {
  updateAuditSchedule(input: $input) {
    auditSchedule { customer { id } cron timeZone enabled level sites { id } dryRun nextRunAt lastRunAt }
    userErrors { code field }
  }
}`;
interface Payload {
  readonly auditSchedule: Readonly<Record<string, unknown>> | null;
  readonly userErrors: readonly object[];
}
async function set(input: Readonly<Record<string, unknown>>, identity = caller('p')) {
  const { data, codes } = await world.ask(SET, identity, { input: { customer: 'acme', ...input } });
  expect(codes).toEqual([]);
  return data?.['updateAuditSchedule'] as Payload;
}
const schedule = async () =>
  (await world.ask('{ auditSchedule(customer: "acme") { nextRunAt lastRunAt } }')).data?.['auditSchedule'] as {
    readonly nextRunAt: string | null;
    readonly lastRunAt: string | null;
  } | null;
const runs = async () => {
  const { data } = await world.ask(
    '{ auditRuns { edges { node { trigger state level dryRun sites { id } startedBy error { code } } } } }',
  );
  return (data?.['auditRuns'] as { edges: { node: Readonly<Record<string, unknown>> }[] }).edges.map(
    ({ node }) => node,
  );
};

/** Move the clock until the schedule has moved on to another time. */
const until = (next: string) =>
  waitUntil(`the next audit to be at ${next}`, async () => {
    clock.advance(1);
    return (await schedule())?.nextRunAt === next || undefined;
  });

describe('a schedule of audits', () => {
  test('is nothing until it is set, then has the defaults: a dry run at the level of the dial plan, not enabled', async () => {
    expect(await schedule()).toBeNull();
    expect(await set({ cron: ' 0 3 * * 1 ' })).toEqual({
      auditSchedule: {
        customer: { id: 'acme' },
        cron: '0 3 * * 1',
        timeZone: 'UTC',
        enabled: false,
        level: 'CUSTOMER',
        sites: null,
        dryRun: true,
        nextRunAt: null,
        lastRunAt: null,
      },
      userErrors: [],
    });
    const coded = await set({ customer: 'coded', cron: '0 3 * * 1' });
    expect(coded.auditSchedule).toMatchObject({ customer: { id: 'coded' }, level: 'SITE' });
  });

  test('keeps what is not given; sites that are given as null are all', async () => {
    await set({ cron: '0 3 * * 1', level: 'SITE', sites: ['berlin'], dryRun: false });
    expect((await set({ enabled: true, cron: null, level: null, dryRun: null })).auditSchedule).toMatchObject({
      level: 'SITE',
      sites: [{ id: 'berlin' }],
      dryRun: false,
      nextRunAt: '2026-03-30T03:00:00.000Z',
    });
    expect((await set({ sites: null })).auditSchedule).toMatchObject({ sites: null });
  });

  test('forgets its sites when it goes to the level of the customer', async () => {
    await set({ cron: '0 3 * * 1', level: 'SITE', sites: ['berlin'] });
    expect(await set({ level: 'CUSTOMER' })).toMatchObject({ auditSchedule: { sites: null }, userErrors: [] });
  });

  test.each([
    ['no times', {}, [{ code: 'REQUIRED', field: 'cron' }]],
    ['times that are none', { cron: 'often' }, [{ code: 'INVALID', field: 'cron' }]],
    ['a time zone that is none', { cron: '* * * * *', timeZone: 'Mars' }, [{ code: 'INVALID', field: 'timeZone' }]],
    ['an unknown customer', { customer: 'nobody', cron: '* * * * *' }, [{ code: 'NOT_FOUND', field: 'customer' }]],
    [
      'a node that is none',
      { customer: 'berlin', cron: '* * * * *' },
      [{ code: 'WRONG_NODE_TYPE', field: 'customer' }],
    ],
    [
      'the level of the customer under site location codes',
      { customer: 'coded', cron: '* * * * *', level: 'CUSTOMER' },
      [{ code: 'DIAL_PLAN', field: 'level' }],
    ],
    ['no site at all', { cron: '* * * * *', level: 'SITE', sites: [] }, [{ code: 'REQUIRED', field: 'sites' }]],
    [
      'a site twice, and one of another customer',
      { cron: '* * * * *', level: 'SITE', sites: ['berlin', 'berlin', 'zeta'] },
      [
        { code: 'DUPLICATE_SITE', field: 'sites.1' },
        { code: 'FOREIGN_SITE', field: 'sites.2' },
      ],
    ],
  ])('is refused with %s', async (_, input, userErrors) => {
    expect(await set(input)).toEqual({ auditSchedule: null, userErrors });
  });

  test('is switched off although its site was retired since, and on again with sites that are there', async () => {
    await set({ cron: '0 * * * *', enabled: true, level: 'SITE', sites: ['paris'] });
    const paris = await world.store.get(mirroredNodes, 'paris');
    if (!paris) throw new Error('paris is not known');
    await world.commit(save(mirroredNodes, { ...paris, retired: true }));
    const off = await set({ enabled: false });
    expect(off).toMatchObject({ auditSchedule: { enabled: false, nextRunAt: null }, userErrors: [] });
    const foreign = { auditSchedule: null, userErrors: [{ code: 'FOREIGN_SITE', field: 'sites.0' }] };
    expect(await set({ enabled: true })).toEqual(foreign);
    expect(await set({ sites: ['paris'] })).toEqual(foreign);
    expect((await set({ enabled: true, sites: ['berlin'] })).auditSchedule).toMatchObject({ enabled: true });
  });

  test.each([
    ['is retired', { retired: true }, { code: 'INVALID', field: 'customer' }],
    ['has site location codes by now', { dialPlan: 'SITE_LOCATION_CODES' }, { code: 'DIAL_PLAN', field: 'level' }],
  ] as const)('is switched off although its customer %s', async (_, since, userError) => {
    await set({ cron: '0 * * * *', enabled: true, level: 'CUSTOMER' });
    world.change('acme', since);
    expect(await set({ cron: '30 * * * *' })).toEqual({ auditSchedule: null, userErrors: [userError] });
    expect(await set({ enabled: false })).toMatchObject({ auditSchedule: { enabled: false }, userErrors: [] });
    expect(await set({ enabled: true })).toEqual({ auditSchedule: null, userErrors: [userError] });
  });

  test('is not for a customer administrator to set, nor for one of another customer to see', async () => {
    const { codes } = await world.ask(SET, caller('acme', 'CUSTOMER_ADMIN'), { input: { customer: 'acme' } });
    expect(codes).toEqual(['FORBIDDEN']);
    await set({ cron: '0 * * * *' });
    const asked = '{ auditSchedule(customer: "acme") { cron } }';
    expect((await world.ask(asked, caller('acme', 'OPERATOR'))).data).toEqual({ auditSchedule: { cron: '0 * * * *' } });
    expect((await world.ask(asked, caller('zeta'))).data).toEqual({ auditSchedule: null });
  });

  test('starts an audit as it says when it is due', async () => {
    await world.subgraph.start();
    await set({ cron: '0 * * * *', enabled: true, level: 'SITE', sites: ['paris'], dryRun: false });
    clock.advance(HOUR);
    await until('2026-03-28T14:00:00.000Z');
    const asked = { trigger: 'SCHEDULE', level: 'SITE', dryRun: false, sites: [{ id: 'paris' }], error: null };
    expect(await runs()).toMatchObject([{ ...asked, startedBy: 'the schedule' }]);
    expect((await schedule())?.lastRunAt).toMatch(/^2026-03-28T13:00:00/);
    await waitUntil('the audit to end', async () => {
      clock.advance(1);
      return (await runs())[0]?.['state'] === 'SUCCEEDED' || undefined;
    });
  });

  test('starts one after a downtime, however many of its times were missed', async () => {
    await set({ cron: '0 * * * *', enabled: true });
    clock.advance(50 * HOUR);
    await world.subgraph.start();
    await until('2026-03-30T15:00:00.000Z');
    expect(await runs()).toHaveLength(1);
  });

  test('is switched off when it is due and its customer was retired', async () => {
    await set({ cron: '0 * * * *', enabled: true });
    const acme = await world.store.get(mirroredNodes, 'acme');
    if (!acme) throw new Error('acme is not known');
    await world.commit(save(mirroredNodes, { ...acme, retired: true }));
    clock.advance(HOUR);
    await world.subgraph.start();
    await waitUntil('the schedule to be off', async () => {
      clock.advance(1);
      return (await schedule())?.nextRunAt === null || undefined;
    });
    expect(await runs()).toEqual([]);
    expect((await world.store.get(auditSchedules, 'acme'))?.enabled).toBe(false);
  });

  test('leaves an audit out, and tells it, while the customer has another one', async () => {
    await set({ cron: '0 * * * *', enabled: true });
    const other = await world.keep('r0', 'acme', { state: 'RUNNING', queuedAt: '2026-03-28T11:00:00.000Z' });
    // In a lane that nobody works in here.
    const lane = { lane: 9, cancel: false, queuedAt: other.queuedAt };
    await world.commit(save(activeAudits, { id: 'acme', version: 0, run: other.id, ...lane }));
    clock.advance(HOUR);
    await world.subgraph.start();
    await until('2026-03-28T14:00:00.000Z');
    expect(await runs()).toMatchObject([
      { trigger: 'SCHEDULE', state: 'CANCELLED', error: { code: 'AUDIT_ACTIVE' } },
      { state: 'RUNNING' },
    ]);
    expect((await schedule())?.lastRunAt).toBeNull();
  });

  test('that is due runs though something else of it was changed before anybody looked', async () => {
    await set({ cron: '0 * * * *', enabled: true });
    clock.advance(HOUR + 1);
    expect((await set({ dryRun: false })).auditSchedule).toMatchObject({ nextRunAt: '2026-03-28T13:00:00.000Z' });
    expect((await set({ cron: '30 * * * *' })).auditSchedule).toMatchObject({ nextRunAt: '2026-03-28T13:30:00.000Z' });
    expect((await set({ enabled: false })).auditSchedule).toMatchObject({ nextRunAt: null });
  });
});
