/** Devices that come and go while an audit runs, at every point it can be overtaken: no number in use is freed, and none is left Used that nothing uses. */
import { findings } from '@numberyard/audit/models/findings';
import { registeredUsers } from '@numberyard/connections/models/registered-users';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { numbers } from '@numberyard/number-inventory/models/number';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { correctionsFound, correctionsInHistory } from '../src/audit/agreement.js';
import { deviceUse, inventoryNumber, put, registeredUser, saveNew, saveUser } from '../src/audit/documents.js';
import {
  openThreeSubgraphs,
  POINTS,
  type Audited,
  type Move,
  type Point,
  type ThreeSubgraphs,
} from '../src/audit/three-subgraphs.js';
import { allDocuments } from '../src/world/all-documents.js';

let three: ThreeSubgraphs;
/** Each test has a customer of its own. */
let own: Audited;

beforeAll(async () => {
  three = await openThreeSubgraphs();
});
afterAll(() => three?.close());
beforeEach(async () => {
  own = await three.newCustomer();
  await prepare();
});

const [quiet, ghost, missing, known, unmarked, absent, moves, target] = [
  '4000',
  '4001',
  '4002',
  '4003',
  '4004',
  '4005',
  '4006',
  '4007',
] as const;

/** What happens meanwhile, all at once. */
const MEANWHILE: readonly Move[] = [
  // A device registers: with a number that is free, one that is wrongly Used, and one that is not there.
  { device: 'comes-quiet', after: quiet },
  { device: 'comes-ghost', after: ghost },
  { device: 'comes-missing', after: missing },
  // A device leaves: its number is Used, wrongly Available, or not there yet.
  { device: 'leaves-known', before: known },
  { device: 'leaves-unmarked', before: unmarked },
  { device: 'leaves-absent', before: absent },
  // A device changes its number, while the number it has is wrongly Available and the one it takes wrongly Used.
  { device: 'moves', before: moves, after: target },
];

async function prepare(): Promise<void> {
  const { stores } = three;
  const { site } = own;
  const connection = own.connection.id;
  const there = Object.fromEntries(
    MEANWHILE.flatMap(({ device, before }) => (before ? [[before, registeredUser(connection, device, before)]] : [])),
  );
  const gone = (number: string) => ({ uses: [deviceUse(registeredUser(connection, `gone-${number}`, number))] });
  await put(stores.connections, Object.values(there).map(saveUser));
  const device = there[known];
  await put(
    stores.numbers,
    [
      inventoryNumber(site, quiet),
      inventoryNumber(site, ghost, gone(ghost)),
      inventoryNumber(site, known, device && { uses: [deviceUse(device)] }),
      inventoryNumber(site, unmarked),
      inventoryNumber(site, moves),
      inventoryNumber(site, target, gone(target)),
    ].map(saveNew),
  );
}

async function runAudit(): Promise<{ id: string; state: string }> {
  const { auditRun } = await three.ask<{ auditRun: { id: string } | null }>(
    'audit',
    'mutation($input: StartAuditInput!) { startAudit(input: $input) { auditRun { id } userErrors { code message } } }',
    { input: { customer: own.customer.customer, level: 'CUSTOMER' } },
  );
  return waitUntil('the audit to end', async () => {
    const run = await three.ask<{ id: string; state: string }>(
      'audit',
      'query($id: ID!) { auditRun(id: $id) { id state } }',
      { id: auditRun?.id },
    );
    return ['QUEUED', 'RUNNING'].includes(run.state) ? undefined : run;
  });
}

/** Each number's status and the devices it is used by, in order of number. */
async function inventory(): Promise<string[]> {
  const all = await allDocuments(three.stores.numbers, numbers, 'byNumber', [own.customer.customer]);
  return all.map(({ number, status, uses }) => `${number} ${status} [${uses.map(({ ref }) => ref).join()}]`);
}

/** What is wrong with the numbers, as sentences. @param reported numbers that may show more uses than there are, because they changed meanwhile */
async function wrong(reported: ReadonlySet<string> = new Set()): Promise<string[]> {
  const mirrored = await allDocuments(three.stores.connections, registeredUsers, 'byConnection', [own.connection.id]);
  const all = await allDocuments(three.stores.numbers, numbers, 'byNumber', [own.customer.customer]);
  const problems = all.flatMap(({ number, status, uses }) => {
    const devices = mirrored.filter(({ inUse }) => inUse === number).map(({ id }) => id);
    const kept = uses.map(({ ref }) => ref);
    if (devices.some((device) => !kept.includes(device))) return [`${number} is ${status} without one of its devices`];
    if (devices.length > 0 && status !== 'USED') return [`${number} is ${status} and in use`];
    if (reported.has(number)) return [];
    if (kept.length > devices.length) return [`${number} has a use that nothing makes`];
    return status === 'USED' && devices.length === 0 ? [`${number} is Used by nothing`] : [];
  });
  const there = new Set(all.map(({ number }) => number));
  const missing = mirrored.flatMap(({ inUse }) => (inUse === undefined || there.has(inUse) ? [] : [inUse]));
  return [...problems, ...missing.map((number) => `${number} is missing`)];
}

/** Numbers that an audit left alone because they changed while it ran. */
async function changedMeanwhile(run: string): Promise<ReadonlySet<string>> {
  const found = await allDocuments(three.stores.audit, findings, 'byRun', [run]);
  return new Set(found.flatMap(({ kind, number }) => (kind === 'CHANGED_MEANWHILE' && number ? [number] : [])));
}

async function expectAgreement(run: string): Promise<void> {
  const history = await correctionsInHistory(three.stores.numbers);
  expect(history.get(run) ?? []).toEqual(await correctionsFound(three.stores.audit, run));
}

it('corrects what nobody overtakes', async () => {
  const { id, state } = await runAudit();
  expect(state).toBe('SUCCEEDED');
  expect(await wrong()).toEqual([]);
  await expectAgreement(id);
  expect((await correctionsInHistory(three.stores.numbers)).get(id)).toEqual([
    `COOLED ${ghost}`,
    `COOLED ${target}`,
    `CREATED ${absent}`,
    `MARKED_USED ${unmarked}`,
    `MARKED_USED ${moves}`,
  ]);
});

/** Outside the step of the follower, which cannot follow before its step has ended. */
const FOLLOWABLE = POINTS.filter((point) => !/read again|corrections are committed$/.test(point));

const overtakings: readonly (readonly [string, Point, boolean])[] = [
  ...POINTS.map((point) => [point, point, false] as const),
  ...FOLLOWABLE.map((point) => [`${point}, and the inventory has heard of it at once`, point, true] as const),
];

it.each(overtakings)('is right about devices that come and go %s', async (_, point, isFollowed) => {
  three.once(point, async () => {
    await three.move(own.connection, MEANWHILE);
    if (isFollowed) await three.followed();
  });
  const first = await runAudit();
  expect({ state: first.state, overtaken: three.overtaken }).toEqual({ state: 'SUCCEEDED', overtaken: true });
  await three.followed();
  expect(await wrong(await changedMeanwhile(first.id))).toEqual([]);
  await expectAgreement(first.id);
  const second = await runAudit();
  expect(await wrong()).toEqual([]);
  await expectAgreement(second.id);
  const before = await inventory();
  const third = await runAudit();
  expect((await correctionsInHistory(three.stores.numbers)).get(third.id)).toBeUndefined();
  expect(await inventory()).toEqual(before);
});

/** Before the commit of the corrections, so that what a person does comes first. */
const BEFORE_CORRECTION = [
  'after the uses are listed',
  'before the differences are handed over',
  'after their uses are read again',
  'before the corrections are committed',
] as const;

it.each(BEFORE_CORRECTION)('reports what a person has changed meanwhile, and overwrites nothing, %s', async (point) => {
  const { customer } = own.customer;
  const id = (number: string) => `${customer}:${number}`;
  three.once(point, async () => {
    await change('reserveNumbers', 'ReserveNumbersInput', { ids: [id(unmarked)] });
    await change('assignNumber', 'AssignNumberInput', { id: id(moves), ref: 'somebody', idempotencyKey: id(moves) });
    await change('moveNumbers', 'MoveNumbersInput', { ids: [id(ghost)], node: customer });
  });
  const { id: run, state } = await runAudit();
  expect({ state, overtaken: three.overtaken }).toEqual({ state: 'SUCCEEDED', overtaken: true });
  const found = await allDocuments(three.stores.audit, findings, 'byRun', [run]);
  expect(found.map(({ kind, outcome, number }) => `${number} ${kind} ${outcome}`).sort()).toEqual([
    `${ghost} CHANGED_MEANWHILE REPORTED`,
    `${unmarked} CHANGED_MEANWHILE REPORTED`,
    `${absent} CREATED APPLIED`,
    `${moves} CHANGED_MEANWHILE REPORTED`,
    `${target} COOLED APPLIED`,
  ]);
  await expectAgreement(run);
  expect(await inventory()).toEqual(
    expect.arrayContaining([
      `${ghost} USED [${own.connection.id}.gone-${ghost}]`,
      `${unmarked} RESERVED []`,
      `${moves} USED [somebody]`,
    ]),
  );
  await runAudit();
  expect(await inventory()).toEqual(
    expect.arrayContaining([
      `${ghost} COOLING []`,
      `${unmarked} RESERVED []`,
      `${moves} USED [somebody,${own.connection.id}.moves]`,
    ]),
  );
});

async function change(mutation: string, type: string, input: Record<string, unknown>): Promise<void> {
  const { userErrors } = await three.ask<{ userErrors: object[] }>(
    'numbers',
    `mutation($input: ${type}!) { ${mutation}(input: $input) { userErrors { code message field } } }`,
    { input },
  );
  expect(userErrors).toEqual([]);
}

it('corrects nothing and fails when number management is switched off before the correction', async () => {
  const before = await inventory();
  three.once('before the differences are handed over', () =>
    change('updateHierarchyNode', 'UpdateHierarchyNodeInput', {
      id: own.customer.customer,
      numberManagement: false,
    }),
  );
  const { id } = await runAudit();
  const run = await three.ask('audit', 'query($id: ID!) { auditRun(id: $id) { state error { code } } }', { id });
  expect(run).toEqual({ state: 'FAILED', error: { code: 'NUMBER_MANAGEMENT_OFF' } });
  expect(await inventory()).toEqual(before);
  await expectAgreement(id);
});

it.each([
  'before the differences are handed over',
  'before the corrections are committed',
  'after the corrections are answered',
] as const)('tells all it has corrected when it is cancelled %s', async (point) => {
  three.once(point, async () => {
    const { edges } = await three.ask<{ edges: { node: { id: string } }[] }>(
      'audit',
      'query($customer: ID) { auditRuns(customer: $customer) { edges { node { id } } } }',
      { customer: own.customer.customer },
    );
    await three.ask(
      'audit',
      'mutation($input: CancelAuditInput!) { cancelAudit(input: $input) { userErrors { code } } }',
      { input: { run: edges[0]?.node.id } },
    );
  });
  const { id, state } = await runAudit();
  expect({ state, overtaken: three.overtaken }).toEqual({ state: 'CANCELLED', overtaken: true });
  await expectAgreement(id);
  expect((await correctionsInHistory(three.stores.numbers)).get(id)).toHaveLength(5);
});
