import type { HierarchyNodeFields } from '@numberyard/schema/events';
import { TestClock } from '@numberyard/kit/testing/test-clock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NODES } from './support/number-inventory.js';
import { UPDATE, UPDATE_DATA_SYNC, UPDATE_SCHEDULE } from './support/operations.js';
import { TestSubgraph } from './support/subgraph.js';

const HOUR = 3_600_000;
let clock: TestClock;
let subgraph: TestSubgraph;
let connection: string;

beforeEach(async () => {
  clock = new TestClock(Date.UTC(2026, 2, 28, 12));
  subgraph = await TestSubgraph.open({ clock });
  connection = (await subgraph.connect(await subgraph.simulator())).id;
});
afterEach(() => subgraph.close());

async function enable(input: Record<string, unknown>, dataSync = true) {
  await subgraph.ask(UPDATE_DATA_SYNC, { input: { id: `${connection}.sync`, enabled: dataSync } });
  const { updateSchedule } = await subgraph.ask(UPDATE_SCHEDULE, {
    input: { id: `${connection}.schedule`, enabled: true, ...input },
  });
  return updateSchedule.schedule;
}
const schedule = async () =>
  (
    await subgraph.ask(
      'query($id: ID!) { audioCodesConnection(id: $id) { schedule { nextRunAt lastRunAt } lastSyncRun { id } } }',
      { id: connection },
    )
  ).audioCodesConnection.schedule;
const runs = async () =>
  (await subgraph.ask('{ syncRuns { edges { node { trigger state queuedAt error { code } } } } }')).syncRuns.edges.map(
    ({ node }) => node,
  );

/** Move the clock until the schedule has moved on to another time. */
async function until(next: string): Promise<void> {
  await subgraph.until(`the next run to be at ${next}`, async () => {
    clock.advance(1);
    return (await schedule()).nextRunAt === next;
  });
}

describe('a schedule', () => {
  test('runs the sync when it is due and shows when it will next', async () => {
    expect(await enable({ cron: '0 * * * *' })).toMatchObject({ nextRunAt: '2026-03-28T13:00:00.000Z' });
    clock.advance(HOUR);
    await until('2026-03-28T14:00:00.000Z');
    await subgraph.until('the run to end', async () => (await runs())[0]?.state === 'SUCCEEDED');
    expect(await runs()).toMatchObject([{ trigger: 'SCHEDULE' }]);
    expect((await schedule()).lastRunAt).toMatch(/^2026-03-28T13:00:00/);
  });

  test('ends when its node has been retired, and the connection can only be purged and deleted', async () => {
    await enable({ cron: '0 * * * *' });
    const acme = NODES.find(({ id }) => id === 'acme');
    const customer = (await subgraph.ask('{ audioCodesConnections { edges { node { hierarchyNode { id } } } } }'))
      .audioCodesConnections.edges[0]?.node.hierarchyNode.id;
    expect(customer).toBe('acme');
    await subgraph.inventory.tell('HierarchyNodeRetired', { ...(acme as HierarchyNodeFields), retired: true });
    const dataSync = (kind: string) =>
      subgraph.ask(
        `mutation ($id: ID!) { runDataSync(input: { dataSync: $id }) { syncRun { id } userErrors { code field message } } }`,
        { id: `${connection}.${kind}` },
      );
    const retired = await subgraph.until('the sync to be refused', async () => {
      const { syncRun, userErrors } = (await dataSync('sync')).runDataSync;
      if (syncRun) await subgraph.ended(syncRun.id);
      return userErrors.length > 0 && userErrors;
    });
    expect(retired).toMatchObject([{ code: 'WRONG_NODE_TYPE', field: 'dataSync' }]);
    const before = (await runs()).length;
    clock.advance(HOUR);
    const ended = 'query($id: ID!) { audioCodesConnection(id: $id) { schedule { enabled nextRunAt } } }';
    await subgraph.until('the schedule to end', async () => {
      clock.advance(1);
      const { schedule } = (await subgraph.ask(ended, { id: connection })).audioCodesConnection;
      return !schedule.enabled && schedule.nextRunAt === null;
    });
    expect(await runs()).toHaveLength(before);
    const input = { id: `${connection}.schedule`, enabled: true };
    const { updateSchedule } = await subgraph.ask(UPDATE_SCHEDULE, { input });
    expect(updateSchedule.userErrors).toMatchObject([{ code: 'WRONG_NODE_TYPE', field: 'enabled' }]);
    const saved = await subgraph.ask(UPDATE, { input: { id: connection, syncOnSave: true } });
    expect(saved.updateAudioCodesConnection.userErrors).toMatchObject([
      { code: 'WRONG_NODE_TYPE', field: 'syncOnSave' },
    ]);
    expect((await dataSync('purge')).runDataSync.userErrors).toEqual([]);
  });

  test('that is due runs though it was renamed before anybody looked', async () => {
    await enable({ cron: '0 * * * *' });
    await subgraph.connections.drain();
    clock.advance(HOUR + 1);
    const input = { id: `${connection}.schedule`, name: 'Nightly' };
    const { updateSchedule } = await subgraph.ask(UPDATE_SCHEDULE, { input });
    expect(updateSchedule.schedule).toMatchObject({ name: 'Nightly', nextRunAt: '2026-03-28T13:00:00.000Z' });
    await subgraph.restart();
    await until('2026-03-28T14:00:00.000Z');
    await subgraph.until('the run to end', async () => (await runs())[0]?.state === 'SUCCEEDED');
  });

  test('runs once after a downtime, however many times have passed', async () => {
    await enable({ cron: '*/5 * * * *' });
    await subgraph.connections.drain();
    clock.advance(3 * 24 * HOUR);
    await subgraph.restart();
    await until('2026-03-31T12:05:00.000Z');
    await subgraph.until('the run to end', async () => (await runs())[0]?.state === 'SUCCEEDED');
    expect(await runs()).toHaveLength(1);
  });

  test('leaves a run out while its data sync is disabled, and goes on to the next time', async () => {
    await enable({ cron: '0 * * * *' }, false);
    clock.advance(HOUR);
    await until('2026-03-28T14:00:00.000Z');
    expect(await runs()).toEqual([]);
    expect((await schedule()).lastRunAt).toBeNull();
  });

  test('that is disabled runs nothing', async () => {
    await enable({ cron: '0 * * * *' });
    expect(await enable({ enabled: false })).toMatchObject({ nextRunAt: null });
    const sleepers = clock.sleeping;
    clock.advance(5 * HOUR);
    await subgraph.until('the loops to have looked', () => Promise.resolve(clock.sleeping >= sleepers - 1));
    expect(await runs()).toEqual([]);
  });

  test('keeps to its local time when the clocks change', async () => {
    const changed = await enable({ cron: '30 6 * * *', timeZone: 'Europe/Berlin' });
    expect(changed.nextRunAt).toBe('2026-03-29T04:30:00.000Z');
    clock.advance(-24 * HOUR);
    const before = await enable({ cron: '30 6 * * *', timeZone: 'Europe/Berlin' });
    expect(before.nextRunAt).toBe('2026-03-28T05:30:00.000Z');
  });
});

describe('a schedule of local times runs once', () => {
  test.each([
    [
      'when a change of clocks skips its time',
      Date.UTC(2026, 2, 28, 20),
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ],
    ['when its time comes twice', Date.UTC(2026, 9, 24, 20), '2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z'],
  ])('%s', async (_what, now, due, next) => {
    clock.advance(now - clock.now());
    expect(await enable({ cron: '30 2 * * *', timeZone: 'Europe/Berlin' })).toMatchObject({ nextRunAt: due });
    clock.advance(Date.parse(due) - clock.now());
    await until(next);
    await subgraph.until('the run to end', async () => (await runs())[0]?.state === 'SUCCEEDED');
    // The second time the clocks show 2:30, or would have.
    clock.advance(2 * HOUR);
    const sleepers = clock.sleeping;
    await subgraph.until('the loops to have looked', () => Promise.resolve(clock.sleeping >= sleepers));
    expect(await schedule()).toMatchObject({ nextRunAt: next });
    expect(await runs()).toHaveLength(1);
  });

  test('after a downtime over both changes of clocks', async () => {
    await enable({ cron: '30 2 * * *', timeZone: 'Europe/Berlin' });
    await subgraph.connections.drain();
    clock.advance(Date.UTC(2026, 9, 25, 12) - clock.now());
    await subgraph.restart();
    await until('2026-10-26T01:30:00.000Z');
    await subgraph.until('the run to end', async () => (await runs())[0]?.state === 'SUCCEEDED');
    expect(await runs()).toHaveLength(1);
  });
});

test.each([
  [{ timeZone: 'Mars/Olympus' }, 'timeZone', /no IANA time zone/],
  [{ timeZone: '+01:00' }, 'timeZone', /no IANA time zone/],
  [{ timeZone: '' }, 'timeZone', /no IANA time zone/],
  [{ cron: '0 2 31 2 *' }, 'cron', /No date is ever reached/],
  [{ cron: '60 2 * * *' }, 'cron', /no cron expression/],
  [{ cron: '0 0 2 * * *' }, 'cron', /five fields/],
])('%j is refused by field and rule, and the schedule stays as it was', async (input, field, says) => {
  const before = await enable({ cron: '0 * * * *' });
  const { updateSchedule } = await subgraph.ask(UPDATE_SCHEDULE, { input: { id: `${connection}.schedule`, ...input } });
  expect(updateSchedule.userErrors).toMatchObject([{ code: 'INVALID', field }]);
  expect(updateSchedule.userErrors[0]?.message).toMatch(says);
  expect(await schedule()).toMatchObject({ nextRunAt: before.nextRunAt });
});

test('a schedule is left out while its connection has a run, and that is told', async () => {
  const stuck = await subgraph.simulator();
  stuck.control.fault({ kind: 'slow-answer', milliseconds: 60_000 });
  connection = (await subgraph.connect(stuck, { name: 'stuck' })).id;
  await subgraph.runDataSync(connection);
  await enable({ cron: '0 * * * *' });
  clock.advance(HOUR);
  await until('2026-03-28T14:00:00.000Z');
  expect(await runs()).toMatchObject([
    { trigger: 'SCHEDULE', state: 'CANCELLED', error: { code: 'RUN_ACTIVE' } },
    { trigger: 'MANUAL', state: 'RUNNING' },
  ]);
  expect(await schedule()).toMatchObject({ lastRunAt: null });
  expect(subgraph.logLines.join('')).toContain('left out this time');
});
