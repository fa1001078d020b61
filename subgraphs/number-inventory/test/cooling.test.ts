/** The main job: a device's number is Used, cools when the device goes, returns or is released ("AudioCodes Device Number Integration"). */
import { save } from '@numberyard/kit/storage/port';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterEach, expect, test } from 'vitest';
import { nodes as nodeCollection } from '../src/models/node.js';
import { numberFieldsOf } from '../src/models/number.js';
import { openInventory, type TestInventory } from './inventory.js';

let inventory: TestInventory | undefined;
afterEach(async () => {
  await inventory?.close();
  inventory = undefined;
});

const NUMBER = `query ($customer: ID!, $number: String!) { numberByValue(customer: $customer, number: $number) {
  status usage vendor tag releaseDate description connection { id } reservation { until } uses { source ref } hierarchyNode { id } } }`;

interface Seen {
  status: string;
  usage: string[];
  vendor: string | null;
  tag: string | null;
  releaseDate: string | null;
  connection: { id: string } | null;
  uses: { source: string; ref: string }[];
  hierarchyNode: { id: string };
}

async function see(number: string): Promise<Seen | null> {
  const { customer } = inventory!.nodes;
  return (await inventory!.data<{ numberByValue: Seen | null }>(NUMBER, { customer, number })).numberByValue;
}

/** Milliseconds the clock moves on with each look: a loop that lost its lease to a made-up conflict pauses a second. */
let perLook = 0;

/** Wait until a number is as expected. */
function seen(number: string, expected: Partial<Seen>): Promise<Seen> {
  return waitUntil(`${number} to be ${JSON.stringify(expected)}`, async () => {
    inventory!.clock.advance(perLook);
    const now = await see(number);
    return now &&
      Object.entries(expected).every(
        ([name, value]) => JSON.stringify(now[name as keyof Seen]) === JSON.stringify(value),
      )
      ? now
      : undefined;
  });
}

async function started(options: { hostile?: number } = {}): Promise<TestInventory> {
  perLook = options.hostile === undefined ? 0 : 50;
  inventory = await openInventory(options);
  await inventory.inventory.start();
  return inventory;
}

async function events(type?: string) {
  const { events: all } = await inventory!.store.log.read({ after: 0, limit: 1000 });
  return type ? all.filter((event) => event.type === type) : all;
}

const gone = (ref: string, number: string) => ({ ref, before: number, after: null });
const there = (ref: string, number: string) => ({ ref, before: null, after: number });
const DAY = 86_400_000;

for (const hostile of [undefined, 11]) {
  const over = hostile === undefined ? '' : ' (over a hostile store)';

  test(`a registered user creates its number as Used, Device, AudioCodes at the connection's node, in one event${over}`, async () => {
    const { tell, nodes } = await started(hostile === undefined ? {} : { hostile });
    await tell('run1', [there('u1', '+4930100')]);
    const number = await seen('+4930100', { status: 'USED' });
    expect(number).toMatchObject({
      usage: ['DEVICE'],
      vendor: 'AudioCodes',
      connection: { id: 'arm' },
      hierarchyNode: { id: nodes.site },
      uses: [{ source: 'REGISTERED_USER', ref: 'u1' }],
    });
    const told = (await events()).filter((event) => event.entity.startsWith('InventoryNumber:'));
    expect(told.map((event) => [event.type, event.cause, numberFieldsOf(event)?.status])).toEqual([
      ['NumberAdded', 'sync:run1', 'USED'],
    ]);
    const [applied] = await events('SyncBatchApplied');
    expect(applied?.fields).toEqual({
      connection: 'arm',
      run: 'run1',
      numbersCreated: 1,
      numbersUsed: 1,
      numbersCooling: 0,
      numbersReturned: 0,
      issues: [],
    });
  });

  test(`a device that goes puts its number into Cooling with the documented tag, and one that returns takes it back${over}`, async () => {
    const { tell } = await started(hostile === undefined ? {} : { hostile });
    await tell('run1', [there('u1', '1001')]);
    await seen('1001', { status: 'USED' });
    await tell('run2', [gone('u1', '1001')]);
    const cooling = await seen('1001', { status: 'COOLING' });
    const [entered] = await events('NumberCoolingStarted');
    expect(cooling).toMatchObject({
      usage: [],
      vendor: 'AudioCodes',
      connection: { id: 'arm' },
      tag: 'Registered user is either offline or deleted, release date 2026-01-01 + 2 days',
      releaseDate: new Date(Date.parse(entered?.time ?? '') + 2 * DAY).toISOString(),
    });
    await tell('run3', [there('u1', '1001')]);
    const back = await seen('1001', { status: 'USED' });
    expect(back).toMatchObject({ usage: ['DEVICE'], vendor: 'AudioCodes', releaseDate: null, tag: null });
    expect((await events('NumberReturned')).map((event) => event.cause)).toEqual(['sync:run3']);
  });

  test(`a number left alone is Available at its release date, not before${over}`, async () => {
    const { tell, clock } = await started(hostile === undefined ? {} : { hostile });
    await tell('run1', [there('u1', '1001')]);
    await seen('1001', { status: 'USED' });
    await tell('run2', [gone('u1', '1001')]);
    const { releaseDate } = await seen('1001', { status: 'COOLING' });
    clock.advance(Date.parse(releaseDate ?? '') - 1 - clock.now());
    await tell('run3', []);
    expect((await see('1001'))?.status).toBe('COOLING');
    await released(clock, '1001');
    const [event] = await events('NumberReleased');
    const late = Date.parse(event?.time ?? '') - Date.parse(releaseDate ?? '');
    expect(late).toBeGreaterThanOrEqual(0);
    if (hostile === undefined) expect(late).toBeLessThan(2_000);
    expect(await see('1001')).toMatchObject({
      usage: [],
      vendor: null,
      tag: null,
      releaseDate: null,
      connection: null,
    });
    expect(await inventory!.store.verify()).toEqual([]);
  });
}

/** Move the clock on by small steps until the sweep has released the number. */
function released(clock: TestInventory['clock'], number: string): Promise<unknown> {
  return waitUntil(`${number} to be released`, async () => {
    clock.advance(perLook || 1);
    return (await see(number))?.status === 'AVAILABLE';
  });
}

test('a number that stays away keeps its first release date, whatever is told again and however the macro changes', async () => {
  const { tell, clock, data, nodes } = await started();
  await tell('run1', [there('u1', '1001')]);
  await seen('1001', { status: 'USED' });
  await tell('run2', [gone('u1', '1001')]);
  const first = await seen('1001', { status: 'COOLING' });
  clock.advance(DAY);
  await data(`mutation ($input: SetMacroInput!) { setMacro(input: $input) { userErrors { message } } }`, {
    input: { node: nodes.site, name: 'audiocodes_cooling_duration', value: '9' },
  });
  await tell('run3', [gone('u1', '1001'), gone('u2', '1001'), there('u3', '1002')]);
  await seen('1002', { status: 'USED' });
  expect(await see('1001')).toEqual(first);
  expect(await events('NumberCoolingStarted')).toHaveLength(1);
});

test("the macro of the number's nearest node decides, and a duration is printed as it is", async () => {
  const { tell, clock, data, nodes } = await started();
  const set = (node: string, value: string) =>
    data(`mutation ($input: SetMacroInput!) { setMacro(input: $input) { userErrors { message } } }`, {
      input: { node, name: 'audiocodes_cooling_duration', value },
    });
  await set(nodes.customer, '5');
  await set(nodes.site, 'PT60S');
  await tell('run1', [there('u1', '1001')]);
  await tell('run1', [there('u2', '1002')], 'otherSite');
  await seen('1002', { status: 'USED' });
  await tell('run2', [gone('u1', '1001'), gone('u2', '1002')]);
  expect(await seen('1001', { status: 'COOLING' })).toMatchObject({
    tag: 'Registered user is either offline or deleted, release date 2026-01-01 + PT60S',
    releaseDate: new Date(clock.now() + 60_000).toISOString(),
  });
  expect(await seen('1002', { status: 'COOLING' })).toMatchObject({
    tag: 'Registered user is either offline or deleted, release date 2026-01-01 + 5 days',
  });
});

test('a number held by two registrations cools only when the last is gone, and one that passes from one to another never does', async () => {
  const { tell } = await started();
  await tell('run1', [there('u1', '1001'), there('u2', '1001')]);
  await seen('1001', { status: 'USED' });
  await tell('run2', [gone('u1', '1001')]);
  await seen('1001', { uses: [{ source: 'REGISTERED_USER', ref: 'u2' }] });
  expect((await see('1001'))?.status).toBe('USED');
  await tell('run3', [gone('u2', '1001'), there('u4', '1001')]);
  await seen('1001', { uses: [{ source: 'REGISTERED_USER', ref: 'u4' }] });
  expect(await events('NumberCoolingStarted')).toEqual([]);
  await tell('run4', [gone('u4', '1001')]);
  await seen('1001', { status: 'COOLING' });
});

test('a user whose number changes cools the old and takes the new one', async () => {
  const { tell } = await started();
  await tell('run1', [there('u1', '1001')]);
  await tell('run2', [{ ref: 'u1', before: '1001', after: '1002' }]);
  await seen('1002', { status: 'USED' });
  expect((await see('1001'))?.status).toBe('COOLING');
});

test('what changes nothing writes nothing: the same event after a restart, and one that says what is known', async () => {
  const { tell, tellApplying, restart, store } = await started();
  await tell('run1', [there('u1', '1001'), there('u2', '1002')]);
  await tellApplying('run1');
  await waitUntil('the answer to the run', async () => (await events('SyncRunApplied'))[0]);
  const before = (await store.log.state()).head;
  await restart();
  await tell('run2', [
    there('u1', '1001'),
    { ref: 'u2', before: '1002', after: '1002' },
    gone('u9', '1001'),
    gone('u9', '7777'),
  ]);
  await tellApplying('run2');
  await waitUntil('the answer to the second run', async () => (await events('SyncRunApplied'))[1]);
  const { events: since } = await store.log.read({ after: before, limit: 100 });
  expect(since.map((event) => [event.type, event.fields])).toEqual([
    ['SyncRunApplied', { connection: 'arm', run: 'run2' }],
  ]);
});

test('a Reserved number keeps its status and its reservation, the use is kept, and it is Used the moment the reservation ends', async () => {
  const { tell, data, nodes } = await started();
  const { id } = await added('1001');
  await data(`mutation ($input: ReserveNumbersInput!) { reserveNumbers(input: $input) { userErrors { message } } }`, {
    input: { ids: [id], notes: 'for the CEO' },
  });
  await tell('run1', [there('u1', '1001')]);
  expect(await seen('1001', { uses: [{ source: 'REGISTERED_USER', ref: 'u1' }] })).toMatchObject({
    status: 'RESERVED',
    usage: [],
    hierarchyNode: { id: nodes.customer },
  });
  expect((await events('SyncBatchApplied'))[0]?.fields).toMatchObject({
    numbersUsed: 0,
    issues: [{ kind: 'NUMBER_RESERVED', subject: '1001' }],
  });
  await data(
    `mutation ($input: UnreserveNumbersInput!) { unreserveNumbers(input: $input) { userErrors { message } } }`,
    { input: { ids: [id] } },
  );
  expect(await see('1001')).toMatchObject({ status: 'USED', usage: ['DEVICE'], vendor: 'AudioCodes' });
});

test('a Reserved number whose device came and left cools for what is left of its period when the reservation ends by itself', async () => {
  const { tell, data, clock } = await started();
  const { id } = await added('1001');
  await data(`mutation ($input: ReserveNumbersInput!) { reserveNumbers(input: $input) { userErrors { message } } }`, {
    input: { ids: [id], days: 1 },
  });
  await tell('run1', [there('u1', '1001')]);
  await seen('1001', { uses: [{ source: 'REGISTERED_USER', ref: 'u1' }] });
  await tell('run2', [gone('u1', '1001')]);
  await seen('1001', { uses: [] });
  expect((await see('1001'))?.status).toBe('RESERVED');
  clock.advance(DAY);
  await seen('1001', { status: 'COOLING' });
  expect((await events('NumberCoolingStarted')).map((event) => event.actor.label)).toEqual(['release sweep']);
  clock.advance(DAY);
  await released(clock, '1001');
});

test('a number another vendor uses keeps showing the earliest use, gains the device, and is an issue', async () => {
  const { tell, data, clock } = await started();
  const { id } = await added('1001');
  const assigned = { id, ref: 'alice', usage: 'USER', vendor: 'Microsoft', idempotencyKey: 'a' };
  await data(`mutation ($input: AssignNumberInput!) { assignNumber(input: $input) { userErrors { message } } }`, {
    input: assigned,
  });
  clock.advance(1);
  await tell('run1', [there('u1', '1001')]);
  const both = await seen('1001', { usage: ['USER', 'DEVICE'] });
  expect(both).toMatchObject({ status: 'USED', vendor: 'Microsoft', connection: { id: 'arm' } });
  expect((await events('SyncBatchApplied'))[0]?.fields).toMatchObject({
    issues: [{ kind: 'NUMBER_USED_BY_OTHER', subject: '1001' }],
  });
  await tell('run2', [gone('u1', '1001')]);
  expect(await seen('1001', { usage: ['USER'] })).toMatchObject({
    status: 'USED',
    vendor: 'Microsoft',
    connection: null,
  });
});

test('a number a device registers is made although it is associated with another, and is an issue', async () => {
  const { tell, data } = await started();
  const { id } = await added('1001');
  await data(`mutation ($input: UpdateNumberInput!) { updateNumber(input: $input) { userErrors { message } } }`, {
    input: { id, e164: '+4930700' },
  });
  await tell('run1', [there('u1', '+4930700'), there('u2', '+4930701')]);
  expect(await seen('+4930700', { status: 'USED' })).toMatchObject({ vendor: 'AudioCodes' });
  const message = 'It is also the E.164 number associated with 1001; both stand until that association is changed.';
  expect((await events('SyncBatchApplied'))[0]?.fields).toMatchObject({
    numbersCreated: 2,
    issues: [{ kind: 'NUMBER_ASSOCIATED', subject: '+4930700', message }],
  });
});

async function added(number: string): Promise<{ id: string }> {
  const { data, nodes } = inventory!;
  const answer = await data<{ addNumbers: { numbers: { id: string }[] } }>(
    `mutation ($input: AddNumbersInput!) { addNumbers(input: $input) { numbers { id } userErrors { message } } }`,
    { input: { node: nodes.customer, numbers: [number], description: 'front desk' } },
  );
  const [first] = answer.addNumbers.numbers;
  if (!first) throw new Error(`${number} was not added`);
  return first;
}

test('an Available number that is registered becomes Used where it lives', async () => {
  const { tell, nodes } = await started();
  await added('1001');
  await tell('run1', [there('u1', '1001')]);
  expect(await seen('1001', { status: 'USED' })).toMatchObject({
    hierarchyNode: { id: nodes.customer },
    vendor: 'AudioCodes',
  });
  expect((await events('NumberUsed')).map((event) => event.cause)).toEqual(['sync:run1']);
});

test('a device that came back before the release date keeps its number, even when that is learnt only at the sweep', async () => {
  const { tell, clock, inventory: running } = await started();
  await tell('run1', [there('u1', '1001')]);
  await seen('1001', { status: 'USED' });
  await tell('run2', [gone('u1', '1001')]);
  await seen('1001', { status: 'COOLING' });
  await running.drain();
  // While nobody looked the device came back, and the release date passed.
  await tell('run3', [there('u1', '1001')]);
  clock.advance(3 * DAY);
  let open = () => {};
  inventory!.gate = new Promise((resolve) => (open = resolve));
  await inventory!.restart();
  // The follower has not read it yet; the sweep, whose number is due, looks how far the follower is instead of releasing.
  await waitUntil('follower and sweep to wait for the log', () => inventory!.waiting >= 2);
  expect((await see('1001'))?.status).toBe('COOLING');
  inventory!.gate = undefined;
  open();
  await seen('1001', { status: 'USED' });
  clock.advance(DAY);
  await tell('run4', [there('u5', '1005')]);
  await seen('1005', { status: 'USED' });
  expect((await see('1001'))?.status).toBe('USED');
  expect(await events('NumberReleased')).toEqual([]);
});

test('where number management is off a sync leaves numbers alone and says so, and nothing is added or handed out', async () => {
  const { tell, nodes, store, data } = await started();
  await added('1001');
  const customer = await store.get(nodeCollection, nodes.customer);
  if (!customer) throw new Error('there is no customer');
  await store.commit({ save: [save(nodeCollection, { ...customer, numberManagement: false })] });
  await tell('run1', [there('u1', '1001'), there('u2', '1002')]);
  const [applied] = await waitUntil('the answer', async () => {
    const answers = await events('SyncBatchApplied');
    return answers.length > 0 ? answers : undefined;
  });
  const issues = [{ kind: 'NUMBER_MANAGEMENT_OFF', subject: 'customer' }];
  expect(applied?.fields).toMatchObject({ numbersCreated: 0, issues });
  expect([(await see('1001'))?.status, await see('1002')]).toEqual(['AVAILABLE', null]);
  const answer = await data<Record<string, { userErrors: { code: string; field: string }[] }>>(
    `mutation ($node: ID!, $id: ID!) {
      add: addNumbers(input: { node: $node, numbers: ["5"] }) { userErrors { code field } }
      claim: claimNextAvailableNumber(input: { node: $node, ref: "x", idempotencyKey: "a" }) { userErrors { code field } }
      assign: assignNumber(input: { id: $id, ref: "x", idempotencyKey: "b" }) { userErrors { code field } } }`,
    { node: nodes.customer, id: `${nodes.customer}:1001` },
  );
  expect(answer).toEqual({
    add: { userErrors: [{ code: 'NUMBER_MANAGEMENT_OFF', field: 'node' }] },
    claim: { userErrors: [{ code: 'NUMBER_MANAGEMENT_OFF', field: 'node' }] },
    assign: { userErrors: [{ code: 'NUMBER_MANAGEMENT_OFF', field: 'id' }] },
  });
});
