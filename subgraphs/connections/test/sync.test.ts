import type { RoutingManager } from '@numberyard/simulator-arm/routing-manager';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fieldsOf } from '@numberyard/schema/events';
import type { Commit, Store } from '@numberyard/kit/storage/port';
import { syncIssues } from '../src/models/sync-runs.js';
import type { RunAnswer } from './support/answers.js';
import { TestSubgraph } from './support/subgraph.js';
import { changesTold, mirrorOf, usesTold } from './support/users.js';

let subgraph: TestSubgraph;
let simulator: RoutingManager;
let connection: string;
let commits: Commit[];

const FIRST = '+493012000000';
const number = (index: number) => `+4930120${String(index).padStart(5, '0')}`;

async function begin(users: number): Promise<void> {
  if (users > 0) simulator.control.seed(users, { firstNumber: FIRST });
  connection = (await subgraph.connect(simulator)).id;
}

const issueKinds = (run: RunAnswer) => run.issues.edges.map(({ node }) => node.kind);

beforeEach(async () => {
  commits = [];
  const wrap = (store: Store): Store => ({
    ...store,
    commit: (commit) => {
      commits.push(commit);
      return store.commit(commit);
    },
  });
  subgraph = await TestSubgraph.open({ wrap });
  simulator = await subgraph.simulator();
});
afterEach(() => subgraph.close());

describe('a sync', () => {
  test('mirrors every registered user page by page and waits for number-inventory', async () => {
    await begin(2_500);
    const run = await subgraph.sync(connection);
    expect(run).toMatchObject({
      state: 'SUCCEEDED',
      progress: { fetched: 2_500, total: 2_500, added: 2_500, updated: 0, removed: 0, unchanged: 0 },
      effect: { numbersUsed: 2_500, numbersCooling: 0 },
      error: null,
      issueCount: 0,
    });
    const uses = await subgraph.connections.internal.numberUses('acme', undefined, 2);
    expect(uses.items.map(({ number: of, connection: by, node }) => ({ of, by, node }))).toEqual([
      { of: number(0), by: connection, node: 'acme' },
      { of: number(1), by: connection, node: 'acme' },
    ]);
    expect((await usesTold(subgraph.store)).size).toBe(2_500);
  });

  test('tells of its users in order of their numbers within each commit, whatever order they are listed in', async () => {
    await begin(0);
    const shuffled = Array.from({ length: 400 }, (_, index) => number((index * 177) % 400));
    for (const each of shuffled) simulator.control.register(each);
    await subgraph.sync(connection);
    const { events } = await subgraph.store.log.read({ after: 0, limit: 1000, types: ['RegisteredUsersChanged'] });
    const told = events.map((event) => fieldsOf(event, 'RegisteredUsersChanged')?.changes.map(({ after }) => after));
    expect(told.map((numbers) => numbers?.length)).toEqual([300, 100]);
    expect(told).toEqual(told.map((numbers) => numbers?.toSorted()));
    expect(told.flat().toSorted()).toEqual(shuffled.toSorted());
  });

  test('writes nothing but its own run when nothing has changed, and waits for nobody', async () => {
    await begin(1_200);
    await subgraph.sync(connection);
    const before = (await subgraph.store.log.state()).head;
    commits.length = 0;
    const run = await subgraph.sync(connection);
    expect(run).toMatchObject({
      state: 'SUCCEEDED',
      progress: { fetched: 1_200, added: 0, updated: 0, removed: 0, unchanged: 1_200 },
    });
    const written = new Set(commits.flatMap(({ save = [] }) => save.map(({ collection }) => collection)));
    expect([...written].sort()).toEqual(['activeRuns', 'audioCodesConnections', 'syncRuns']);
    const { events } = await subgraph.store.log.read({ after: before, limit: 1000 });
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['SyncRunUpdated']));
    expect(events.map(({ fields }) => fields.state)).not.toContain('APPLYING');
  });

  test('mirrors a device that is offline as offline and tells that its number is no longer in use', async () => {
    await begin(5);
    await subgraph.sync(connection);
    simulator.control.takeOffline(number(3));
    const away = await subgraph.sync(connection);
    expect(away).toMatchObject({ progress: { updated: 1, removed: 0, unchanged: 4 }, effect: { numbersCooling: 1 } });
    expect((await changesTold(subgraph.store)).at(-1)).toMatchObject({ before: number(3), after: null });
    simulator.control.bringBack(number(3));
    await subgraph.sync(connection);
    expect((await changesTold(subgraph.store)).at(-1)).toMatchObject({ before: null, after: number(3) });
    expect((await usesTold(subgraph.store)).size).toBe(5);
  });

  test('removes a device that is gone, once its absence is confirmed', async () => {
    await begin(20);
    await subgraph.sync(connection);
    simulator.control.drop(number(7));
    const run = await subgraph.sync(connection);
    expect(run).toMatchObject({ state: 'SUCCEEDED', progress: { removed: 1, unchanged: 19 } });
    expect((await mirrorOf(subgraph.store, connection)).map((user) => user.number)).not.toContain(number(7));
    expect((await usesTold(subgraph.store)).size).toBe(19);
  });

  test('keeps the two registrations of one number apart', async () => {
    await begin(0);
    simulator.control.register(number(1), '1');
    simulator.control.register(number(1), '2');
    await subgraph.sync(connection);
    expect([...(await usesTold(subgraph.store)).values()]).toEqual([number(1), number(1)]);
  });

  test('mirrors a user whose address of record is no number, says so, and tells nobody of it', async () => {
    await begin(2);
    simulator.control.register('lobby');
    const run = await subgraph.sync(connection);
    expect(run).toMatchObject({ state: 'SUCCEEDED_WITH_ISSUES', issueCount: 1, progress: { added: 3 } });
    expect(run.issues.edges[0]?.node).toMatchObject({ kind: 'NOT_A_NUMBER', subject: 'sip:lobby@sip.example' });
    expect((await usesTold(subgraph.store)).size).toBe(2);
  });

  test('adds the issues number-inventory answers with to the run, each once', async () => {
    subgraph.inventory.issuesOf = () => [{ kind: 'NUMBER_RESERVED', subject: number(0), message: 'It is reserved.' }];
    await begin(700);
    const run = await subgraph.sync(connection);
    expect(run).toMatchObject({ state: 'SUCCEEDED_WITH_ISSUES', issueCount: 1 });
    expect(issueKinds(run)).toEqual(['NUMBER_RESERVED']);
  });

  test('takes an issue for every user, and keeps only so many of them', async () => {
    subgraph.inventory.issuesOf = (changes) =>
      changes.map(({ after }) => ({ kind: 'NUMBER_MANAGEMENT_OFF', subject: after ?? '', message: 'It is off.' }));
    await begin(12_500);
    const { id, issueCount } = await subgraph.sync(connection);
    expect(issueCount).toBe(12_500);
    const issues = await subgraph.store.find(syncIssues, { key: 'byRun', equals: [id], limit: 1_000 });
    expect(issues.after).toBeDefined();
  });

  test.each([
    { operations: ['UPDATE', 'REMOVE'], expected: { added: 0, updated: 1, removed: 1 } },
    { operations: ['ADD', 'REMOVE'], expected: { added: 1, updated: 0, removed: 1 } },
    { operations: ['ADD', 'UPDATE'], expected: { added: 1, updated: 1, removed: 0 } },
  ])('does only what its data sync allows: $operations', async ({ operations, expected }) => {
    await begin(4);
    await subgraph.sync(connection);
    await subgraph.ask(
      'mutation($input: UpdateDataSyncInput!) { updateDataSync(input: $input) { userErrors { code } } }',
      { input: { id: `${connection}.sync`, operations } },
    );
    simulator.control.register(number(50));
    simulator.control.takeOffline(number(1));
    simulator.control.drop(number(2));
    expect((await subgraph.sync(connection)).progress).toMatchObject(expected);
  });
});

describe('absence is a hypothesis', () => {
  test('a device left out of one listing that answers when asked for stays, and the run says so', async () => {
    await begin(10);
    await subgraph.sync(connection);
    simulator.control.fault({ kind: 'flap', number: number(4) });
    const run = await subgraph.sync(connection);
    expect(run).toMatchObject({ state: 'SUCCEEDED_WITH_ISSUES', progress: { removed: 0 } });
    expect(issueKinds(run)).toEqual(['REMOVAL_NOT_CONFIRMED']);
    expect((await usesTold(subgraph.store)).size).toBe(10);
  });

  test('more missing devices than can be asked for are removed only if a second listing misses them too', async () => {
    await begin(1_300);
    await subgraph.sync(connection);
    for (let index = 0; index < 600; index += 1) simulator.control.drop(number(index));
    for (let index = 600; index < 603; index += 1) simulator.control.fault({ kind: 'flap', number: number(index) });
    const run = await subgraph.sync(connection);
    expect(run).toMatchObject({ state: 'SUCCEEDED_WITH_ISSUES', progress: { removed: 600, unchanged: 697 } });
    expect(issueKinds(run)).toEqual(Array.from({ length: 3 }, () => 'REMOVAL_NOT_CONFIRMED'));
    expect((await usesTold(subgraph.store)).size).toBe(700);
  });

  test.each(['cut-page', 'failed-page', 'bad-json', 'wrong-shape'] as const)(
    'a %s fails the run and removes nobody',
    async (kind) => {
      await begin(2_100);
      await subgraph.sync(connection);
      simulator.control.drop(number(2));
      simulator.control.fault({ kind, onPage: 2 });
      const run = await subgraph.sync(connection);
      expect(run).toMatchObject({ state: 'FAILED', error: { code: 'UNEXPECTED_ANSWER' }, progress: { removed: 0 } });
      expect((await usesTold(subgraph.store)).size).toBe(2_100);
    },
  );

  test('what was added before a page failed stays, and the next sync does the rest', async () => {
    await begin(2_100);
    const fault = simulator.control.fault({ kind: 'failed-page', onPage: 2 });
    const run = await subgraph.sync(connection);
    expect(run).toMatchObject({ state: 'FAILED', error: { code: 'UNEXPECTED_ANSWER' } });
    expect(await mirrorOf(subgraph.store, connection)).toHaveLength(run.progress.added);
    simulator.control.faults.off(fault);
    expect((await subgraph.sync(connection)).state).toBe('SUCCEEDED');
    expect((await usesTold(subgraph.store)).size).toBe(2_100);
  });

  test('a page that is cut once is read again and nothing is amiss', async () => {
    await begin(2_100);
    simulator.control.fault({ kind: 'cut-page', onPage: 2, times: 1 });
    expect(await subgraph.sync(connection)).toMatchObject({ state: 'SUCCEEDED', progress: { added: 2_100 } });
  });

  test.each([
    { kind: 'repeated-page', onPage: 2 },
    { kind: 'short-page', onPage: 3 },
    { kind: 'inconsistent-total', onPage: 2 },
    { kind: 'mutating-list', onPage: 1, count: 3 },
  ] as const)('a listing with a $kind is not believed: nobody is removed', async (fault) => {
    await begin(2_100);
    await subgraph.sync(connection);
    simulator.control.drop(number(1_500));
    simulator.control.fault(fault);
    const run = await subgraph.sync(connection);
    expect(run).toMatchObject({ state: 'SUCCEEDED_WITH_ISSUES', progress: { removed: 0 } });
    expect(issueKinds(run)).toEqual(['LISTING_INCOMPLETE']);
    expect((await usesTold(subgraph.store)).size).toBe(2_100);
  });

  test('an empty listing after a full one fails the run', async () => {
    await begin(30);
    await subgraph.sync(connection);
    simulator.control.fault({ kind: 'empty-list' });
    const run = await subgraph.sync(connection);
    expect(run).toMatchObject({ state: 'FAILED', error: { code: 'EMPTY_LISTING' }, progress: { removed: 0 } });
    expect((await usesTold(subgraph.store)).size).toBe(30);
  });

  test('an empty listing that is allowed removes those who do not answer when asked for, and no others', async () => {
    await begin(30);
    await subgraph.sync(connection);
    await subgraph.ask(
      'mutation($input: UpdateDataSyncInput!) { updateDataSync(input: $input) { userErrors { code } } }',
      { input: { id: `${connection}.sync`, allowEmpty: true } },
    );
    const fault = simulator.control.fault({ kind: 'empty-list' });
    expect(await subgraph.sync(connection)).toMatchObject({ state: 'SUCCEEDED_WITH_ISSUES', issueCount: 30 });
    simulator.control.faults.off(fault);
    simulator.control.dropAll();
    expect(await subgraph.sync(connection)).toMatchObject({ state: 'SUCCEEDED', progress: { removed: 30 } });
  });

  test('a Routing Manager that never listed anybody may list nobody', async () => {
    await begin(0);
    expect(await subgraph.sync(connection)).toMatchObject({ state: 'SUCCEEDED', progress: { fetched: 0, total: 0 } });
  });

  test.each(['frozen', 'missing'] as const)(
    'users of a locked SBC, %s in the listing, stay as they were',
    async (listing) => {
      await begin(40);
      await subgraph.sync(connection);
      simulator.control.changeNode('2', 'lock', listing);
      simulator.control.drop(number(0));
      simulator.control.drop(number(1));
      const run = await subgraph.sync(connection);
      expect(run).toMatchObject({ state: 'SUCCEEDED_WITH_ISSUES', progress: { removed: 1 } });
      expect(run.issues.edges[0]?.node).toMatchObject({ kind: 'NODE_NOT_IN_SYNC', subject: 'SBC-2' });
      expect((await usesTold(subgraph.store)).size).toBe(39);
      simulator.control.changeNode('2', 'unlock');
      expect(await subgraph.sync(connection)).toMatchObject({ state: 'SUCCEEDED', progress: { removed: 1 } });
    },
  );
});
