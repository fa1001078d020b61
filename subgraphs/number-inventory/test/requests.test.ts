/**
 * What may be asked of a number in each state, and what is refused, with the sentence of the source or the decision. Sources as in `status-table.test.ts`, and
 * [Codes] "Site Location Codes", [Inventory] "Number Inventory". Everything goes through the graph; a refusal changes nothing.
 */
import { save } from '@numberyard/kit/storage/port';
import { readSubgraphSdl } from '@numberyard/schema/sdl';
import { parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HierarchyNode } from '../src/domain/hierarchy.js';
import { newNumber, type InventoryNumber, type NumberUse } from '../src/domain/number.js';
import { nodes as nodeCollection } from '../src/models/node.js';
import { numbers as numberCollection, saveNumber } from '../src/models/number.js';
import { openInventory, type Nodes, type TestInventory } from './inventory.js';

let inventory: TestInventory;
let now: string;
beforeAll(async () => {
  inventory = await openInventory();
  now = new Date(inventory.clock.now()).toISOString();
});
afterAll(() => inventory.close());

const later = '2099-01-01T00:00:00.000Z';
const device: NumberUse = {
  source: 'REGISTERED_USER',
  ref: 'u1',
  usage: 'DEVICE',
  vendor: 'AudioCodes',
  connection: 'arm',
  since: later,
};
const assignment: NumberUse = { source: 'ASSIGNMENT', ref: 'bob', usage: 'USER', since: later };

const STATES = {
  Available: {},
  'Used by a device': { uses: [device] },
  'Used, assigned': { uses: [assignment] },
  'Used-Utility': { uses: [{ ...assignment, usage: 'HUNT_PILOT' }] },
  Reserved: { reservation: { reservedAt: later } },
  'Cooling for a device': {
    cooling: { since: later, releaseDate: later, cause: 'AUDIOCODES', tag: 'Registered user …', vendor: 'AudioCodes' },
  },
  'Cooling by hand': { cooling: { since: later, releaseDate: later, cause: 'MANUAL' } },
} as const satisfies Record<string, Partial<InventoryNumber>>;
type State = keyof typeof STATES;

let last = 7000;
async function made(state: State, at: keyof Nodes = 'site', rest: Partial<InventoryNumber> = {}): Promise<string> {
  const { nodes, paths, store } = inventory;
  const customer = at === 'otherCustomer' ? nodes.otherCustomer : nodes.customer;
  const place = { customer, node: nodes[at], path: paths[at] };
  const number = { ...newNumber(place, `${(last += 1)}`, now), ...STATES[state], ...rest };
  expect((await store.commit({ save: [saveNumber(number, 0)] })).ok).toBe(true);
  return number.id;
}

let keys = 0;
const key = () => ({ idempotencyKey: `key-${(keys += 1)}` });
const refusedCodes = new Set<string>();

/** What a mutation refuses, as `CODE field`; what is refused whole changes nothing. */
async function ask(name: string, input: object, isWhole = true): Promise<string[]> {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  const source = `mutation ($input: ${type}!) { ${name}(input: $input) { userErrors { code field message } } }`;
  const { head } = await inventory.store.log.state();
  interface Answer {
    userErrors: { code: string; field: string | null; message: string }[];
  }
  const answer = (await inventory.data<Record<string, Answer>>(source, { input }))[name];
  const refusals = (answer?.userErrors ?? []).map(({ code, field, message }) => {
    expect(message).toMatch(/^[A-Z0-9+].*\.$/);
    refusedCodes.add(code);
    return `${code} ${field}`;
  });
  if (refusals.length > 0 && isWhole) expect((await inventory.store.log.state()).head).toBe(head);
  return refusals;
}

const REQUESTS = {
  assignNumber: (id: string) => ({ id, ref: 'eve', ...key() }),
  releaseNumber: (id: string) => ({ id, ...key() }),
  reserveNumbers: (id: string) => ({ ids: [id], notes: 'for the new office', days: 1 }),
  unreserveNumbers: (id: string) => ({ ids: [id] }),
  startCooling: (id: string) => ({ ids: [id] }),
  endCooling: (id: string) => ({ ids: [id] }),
  moveNumbers: (id: string) => ({ ids: [id], node: inventory.nodes.otherSite }),
  updateNumber: (id: string) => ({ id, tag: 'VIP' }),
  deleteNumbers: (id: string) => ({ ids: [id] }),
};
type Request = keyof typeof REQUESTS;

describe('every request in every state', () => {
  const states = Object.keys(STATES) as State[];
  const N = 'NUMBER_NOT_AVAILABLE';
  // For each state, in the order above, the status afterwards or the code.
  const table: [Request, string, string[]][] = [
    // prettier-ignore
    ['assignNumber', '[Reservation] "not assignable to any device or line"; [Cooling] "cannot be re-used until the period elapses"',
      ['USED', N, N, N, N, N, N]],
    // prettier-ignore
    ['releaseNumber', '[Integration] a number of a device is "not available to assign to subscribers during number management"',
      ['NUMBER_NOT_ASSIGNED', 'NUMBER_OWNED_BY_DEVICE', 'AVAILABLE', 'AVAILABLE', 'NUMBER_NOT_ASSIGNED', 'NUMBER_NOT_ASSIGNED', 'NUMBER_NOT_ASSIGNED']],
    // prettier-ignore
    ['reserveNumbers', '[Reservation] the picker only offers available numbers', ['RESERVED', N, N, N, N, N, N]],
    // prettier-ignore
    ['unreserveNumbers', '[Reservation] "unreserve by hand returns it to Available"',
      ['NUMBER_NOT_RESERVED', 'NUMBER_NOT_RESERVED', 'NUMBER_NOT_RESERVED', 'NUMBER_NOT_RESERVED', 'AVAILABLE', 'NUMBER_NOT_RESERVED', 'NUMBER_NOT_RESERVED']],
    // prettier-ignore
    ['startCooling', 'decision: by hand only from Available', ['COOLING', N, N, N, N, N, N]],
    // prettier-ignore
    ['endCooling', '[Expiry] any cooled number may be released, regardless of its date',
      ['NUMBER_NOT_COOLING', 'NUMBER_NOT_COOLING', 'NUMBER_NOT_COOLING', 'NUMBER_NOT_COOLING', 'NUMBER_NOT_COOLING', 'AVAILABLE', 'AVAILABLE']],
    // prettier-ignore
    ['moveNumbers', 'decision: any status may move', ['AVAILABLE', 'USED', 'USED', 'USED_UTILITY', 'RESERVED', 'COOLING', 'COOLING']],
    // prettier-ignore
    ['updateNumber', '[Ranges] free-text fields are editable', ['AVAILABLE', 'USED', 'USED', 'USED_UTILITY', 'RESERVED', 'COOLING', 'COOLING']],
    // prettier-ignore
    ['deleteNumbers', '[Ranges] "Used, Used-Utility, Reserved, Cooling are ignored; only Available numbers go"', ['deleted', N, N, N, N, N, N]],
  ];
  const cases = table.flatMap(([request, why, outcomes]) =>
    states.map((state, index) => [state, request, outcomes[index] ?? '', why] as const),
  );

  test.each(cases)('%s, %s: %s (%s)', async (state, request, outcome) => {
    const id = await made(state);
    const before = await inventory.store.get(numberCollection, id);
    const refusals = await ask(request, REQUESTS[request](id));
    const after = await inventory.store.get(numberCollection, id);
    if (refusals.length === 0) {
      expect(after?.status ?? 'deleted').toBe(outcome);
      return;
    }
    expect(refusals).toEqual([`${outcome} ${request.endsWith('Number') ? 'id' : 'ids.0'}`]);
    expect(after).toEqual(before);
  });

  test('a claim takes a number that is Available and none in any other state', async () => {
    for (const state of states) if (state !== 'Available') await made(state, 'otherCustomer');
    const claim = () => ask('claimNextAvailableNumber', { node: inventory.nodes.otherCustomer, ref: 'x', ...key() });
    expect(await claim()).toEqual(['NO_NUMBER_AVAILABLE node']);
    const id = await made('Available', 'otherCustomer');
    expect(await claim()).toEqual([]);
    expect((await inventory.store.get(numberCollection, id))?.status).toBe('USED');
    expect(await claim()).toEqual(['NO_NUMBER_AVAILABLE node']);
  });

  test('a tag given in AudioCodes cooling is the one the number has afterwards', async () => {
    const id = await made('Cooling for a device', 'site', { ownTag: 'before' });
    await ask('updateNumber', { id, tag: 'afterwards' });
    const tag = async () => (await inventory.store.get(numberCollection, id))?.tag;
    expect(await tag()).toBe('Registered user …');
    await ask('endCooling', { ids: [id] });
    expect(await tag()).toBe('afterwards');
  });

  test('what was moved already, or has the value already, is as asked for and tells nothing', async () => {
    const id = await made('Available');
    await ask('moveNumbers', { ids: [id], node: inventory.nodes.otherSite });
    const values = { tag: 'a', description: 'b', extras: [{ name: 'x', value: 'y' }], e164: '+49301' };
    await ask('updateNumber', { id, ...values });
    const { head } = await inventory.store.log.state();
    expect(await ask('moveNumbers', { ids: [id, id], node: inventory.nodes.otherSite })).toEqual([]);
    expect(await ask('updateNumber', { id, ...values })).toEqual([]);
    expect((await inventory.store.log.state()).head).toBe(head);
  });
});

describe('every refusal of an input', () => {
  const long = (length: number) => 'x'.repeat(length);
  const extras = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `n${index}`, value: 'v' }));
  const A = 'Available';
  type Case = [name: string, why: string, input: (id: string) => object, refusals: string[], state?: State];
  const table: Case[] = [
    // prettier-ignore
    ['startCooling', '[Cooling] "max 999"', (id) => ({ ids: [id], days: 1000 }), ['OUT_OF_RANGE days']],
    ['startCooling', 'at least a day', (id) => ({ ids: [id], days: 0 }), ['OUT_OF_RANGE days']],
    ['startCooling', 'an empty list', () => ({ ids: [] }), ['REQUIRED ids']],
    ['endCooling', 'a number that is not there', () => ({ ids: ['nothing'] }), ['NOT_FOUND ids.0']],
    // prettier-ignore
    ['endCooling', '[Ranges] at most 1,000 per action', () => ({ ids: Array.from({ length: 1001 }, String) }), ['OUT_OF_RANGE ids']],
    ['reserveNumbers', 'a reservation of 1 to 999 days', (id) => ({ ids: [id], days: 1000 }), ['OUT_OF_RANGE days']],
    ['reserveNumbers', 'notes too long', (id) => ({ ids: [id], notes: long(1001) }), ['OUT_OF_RANGE notes']],
    ['moveNumbers', 'a node that is not there', (id) => ({ ids: [id], node: 'nowhere' }), ['NOT_FOUND node']],
    // prettier-ignore
    ['moveNumbers', '[Inventory] numbers exist at a customer or site', (id) => ({ ids: [id], node: inventory.nodes.reseller }), ['WRONG_NODE_TYPE node']],
    // prettier-ignore
    ['moveNumbers', 'decision: moves stay inside one customer', (id) => ({ ids: [id], node: inventory.nodes.otherCustomer }), ['OTHER_CUSTOMER ids.0']],
    ['updateNumber', 'a number that is not there', () => ({ id: 'nothing' }), ['NOT_FOUND id']],
    ['updateNumber', 'a description too long', (id) => ({ id, description: long(1001) }), ['OUT_OF_RANGE description']],
    ['updateNumber', 'a tag too long', (id) => ({ id, tag: long(256) }), ['OUT_OF_RANGE tag']],
    ['updateNumber', 'a tag that cannot be kept', (id) => ({ id, tag: 'a\u0000b' }), ['INVALID tag']],
    // prettier-ignore
    ['updateNumber', 'a name of no field', (id) => ({ id, extras: [{ name: 'a b', value: 'x' }] }), ['INVALID extras.0.name']],
    // prettier-ignore
    ['updateNumber', 'a field named twice', (id) => ({ id, extras: [{ name: 'a', value: 'x' }, { name: 'a', value: 'y' }] }), ['INVALID extras.1.name']],
    // prettier-ignore
    ['updateNumber', 'a value too long', (id) => ({ id, extras: [{ name: 'a', value: long(256) }] }), ['OUT_OF_RANGE extras.0.value']],
    ['updateNumber', 'more than ten fields', (id) => ({ id, extras: extras(11) }), ['OUT_OF_RANGE extras']],
    ['updateNumber', 'an E.164 number begins with a plus', (id) => ({ id, e164: '49301234' }), ['INVALID e164']],
    [
      'updateNumber',
      'an E.164 number has at most 15 digits',
      (id) => ({ id, e164: '+1234567890123456' }),
      ['INVALID e164'],
    ],
    // prettier-ignore
    ['updateNumber', 'several at once', (id) => ({ id, tag: long(256), e164: 'x' }), ['OUT_OF_RANGE tag', 'INVALID e164']],
    // prettier-ignore
    ['assignNumber', 'decision: numbers of that vendor are taken by devices', (id) => ({ id, ref: 'x', vendor: 'AudioCodes', ...key() }), ['INVALID vendor']],
    ['assignNumber', 'a reference', (id) => ({ id, ref: ' ', ...key() }), ['REQUIRED ref']],
    // prettier-ignore
    ['releaseNumber', 'another reference', (id) => ({ id, ref: 'eve', ...key() }), ['NUMBER_NOT_ASSIGNED ref'], 'Used, assigned'],
    // prettier-ignore
    ['addNumbers', '[Ranges] at most 1,000 per action', () => ({ node: inventory.nodes.site, range: { start: '1000', end: '2000' } }), ['OUT_OF_RANGE range.end']],
  ];
  test.each(table)('%s: %s', async (name, _, input, refusals, state = A) => {
    expect(await ask(name, input(await made(state)))).toEqual(refusals);
  });

  test('an E.164 number is associated with one number of a customer, and with none that is one itself', async () => {
    const [one, other] = [await made(A), await made(A)];
    const foreign = await made(A, 'otherCustomer');
    expect(await ask('updateNumber', { id: one, e164: '\\+4930111' })).toEqual([]);
    expect((await inventory.store.get(numberCollection, one))?.e164).toBe('+4930111');
    expect(await ask('updateNumber', { id: other, e164: '+4930111' })).toEqual(['ALREADY_EXISTS e164']);
    expect(await ask('updateNumber', { id: foreign, e164: '+4930111' })).toEqual([]);
    expect(await ask('updateNumber', { id: one, e164: null })).toEqual([]);
    // Of several that ask at once one gets it.
    const more = await Promise.all([A, A, A].map((state) => made(state as State)));
    const answers = await Promise.all(
      [other, ...more].map((id) => ask('updateNumber', { id, e164: '+4930111' }, false)),
    );
    expect(answers.filter((refusals) => refusals.length === 0)).toHaveLength(1);
    await inventory.data(
      `mutation ($node: ID!) { addNumbers(input: { node: $node, numbers: ["+4930222"] }) { userErrors { code } } }`,
      { node: inventory.nodes.site },
    );
    const id = `${inventory.nodes.customer}:+4930222`;
    expect(await ask('updateNumber', { id, e164: '+4930333' })).toEqual(['INVALID e164']);
  });

  test("an E.164 number that is one of the customer's numbers is not associated, nor is one added that is associated", async () => {
    const id = await made(A);
    const add = async (input: object, at: keyof Nodes = 'site') =>
      ask('addNumbers', { node: inventory.nodes[at], ...input }, false);
    const gone = async () => (await inventory.store.get(numberCollection, id))?.e164 === undefined;
    expect(await add({ numbers: ['+4930501'] })).toEqual([]);
    expect(await ask('updateNumber', { id, e164: '+4930501' })).toEqual(['ALREADY_EXISTS e164']);
    expect(await ask('updateNumber', { id, e164: '+4930502' })).toEqual([]);
    expect(await add({ numbers: ['+4930500', '\\+4930502', '4930502'] })).toEqual(['ALREADY_EXISTS numbers.1']);
    expect(await inventory.store.get(numberCollection, `${inventory.nodes.customer}:+4930500`)).toBeUndefined();
    expect(await add({ range: { start: '+4930500', end: '+4930509' } })).toEqual(['ALREADY_EXISTS range.start']);
    expect(await add({ numbers: ['+4930502'] }, 'otherCustomer')).toEqual([]);
    expect(await ask('updateNumber', { id, e164: '' })).toEqual([]);
    expect(await gone()).toBe(true);
    expect(await add({ numbers: ['+4930502'] })).toEqual([]);
  });

  test('of adding a number and associating it at the same instant one is refused', async () => {
    for (let round = 0; round < 20; round += 1) {
      const id = await made(A);
      const e164 = `+49306${String(round).padStart(2, '0')}`;
      const both = [
        () => ask('updateNumber', { id, e164 }, false),
        () => ask('addNumbers', { node: inventory.nodes.site, numbers: [e164] }, false),
      ];
      const answers = await Promise.all((round % 2 === 0 ? both : both.toReversed()).map((each) => each()));
      expect(answers.flat()).toHaveLength(1);
      const added = await inventory.store.get(numberCollection, `${inventory.nodes.customer}:${e164}`);
      const associated = (await inventory.store.get(numberCollection, id))?.e164;
      expect([added?.number, associated].filter((each) => each !== undefined)).toEqual([e164]);
    }
  });

  test('free fields change one by one, stay in order of their names, and a null removes one', async () => {
    const id = await made(A);
    const set = (...extras: object[]) => ask('updateNumber', { id, extras });
    expect(await set(...extras(10))).toEqual([]);
    expect(await set({ name: 'other', value: 'x' })).toEqual(['OUT_OF_RANGE extras']);
    expect(await set({ name: 'n3', value: null }, { name: 'a', value: '' })).toEqual([]);
    const { number } = await inventory.data<{ number: { extras: { name: string; value: string }[] } }>(
      `query ($id: ID!) { number(id: $id) { extras { name value } } }`,
      { id },
    );
    expect(number.extras.map(({ name }) => name).join()).toBe('a,n0,n1,n2,n4,n5,n6,n7,n8,n9');
    expect(number.extras[0]?.value).toBe('');
  });

  test('as many numbers as may be asked for at once are changed, also with the longest texts', async () => {
    // A line end takes two characters as it is stored and told.
    const longest = (length: number) => '\n'.repeat(length - 1) + 'x';
    const place = { customer: inventory.nodes.customer, node: inventory.nodes.site, path: inventory.paths.site };
    const many = Array.from({ length: 1_000 }, (_, index): InventoryNumber => ({
      ...newNumber(place, `${66_000 + index}`, now, longest(1_000)),
      ownTag: longest(255),
      extras: Array.from({ length: 10 }, (__, extra) => ({ name: `n${extra}`, value: longest(255) })),
    }));
    for (let from = 0; from < many.length; from += 200) {
      await inventory.store.commit({ save: many.slice(from, from + 200).map((each) => saveNumber(each, 0)) });
    }
    const ids = many.map(({ id }) => id);
    expect(await ask('moveNumbers', { ids, node: inventory.nodes.otherSite })).toEqual([]);
    expect(await ask('reserveNumbers', { ids, notes: longest(1_000) })).toEqual([]);
    const [last] = await inventory.store.getMany(numberCollection, ids.slice(-1));
    expect(last).toMatchObject({ status: 'RESERVED', node: inventory.nodes.otherSite });
  });

  test('an idempotency key is good for one input', async () => {
    const [one, other] = [await made(A), await made(A)];
    const input = { ref: 'x', ...key() };
    expect(await ask('assignNumber', { id: one, ...input })).toEqual([]);
    expect(await ask('assignNumber', { id: one, ...input })).toEqual([]);
    expect(await ask('assignNumber', { id: other, ...input })).toEqual(['IDEMPOTENCY_KEY_REUSED idempotencyKey']);
  });

  async function change(node: keyof Nodes, fields: Partial<HierarchyNode>): Promise<void> {
    const known = await inventory.store.get(nodeCollection, inventory.nodes[node]);
    if (!known) throw new Error(`there is no ${node}`);
    await inventory.store.commit({ save: [save(nodeCollection, { ...known, ...fields })] });
  }

  test('[Inventory] "If Number Management is disabled for the customer, internal numbers cannot be added", nor handed out', async () => {
    const id = await made(A);
    await change('customer', { numberManagement: false });
    const { customer } = inventory.nodes;
    expect(await ask('addNumbers', { node: customer, numbers: ['1'] })).toEqual(['NUMBER_MANAGEMENT_OFF node']);
    expect(await ask('assignNumber', { id, ref: 'x', ...key() })).toEqual(['NUMBER_MANAGEMENT_OFF id']);
    expect(await ask('claimNextAvailableNumber', { node: customer, ref: 'x', ...key() })).toEqual([
      'NUMBER_MANAGEMENT_OFF node',
    ]);
    await change('customer', { numberManagement: true });
  });

  test('[Codes] "digits prefixed to the extension": a number lives at the site whose code it begins with', async () => {
    await change('otherCustomer', { dialPlan: 'SITE_LOCATION_CODES' });
    const { otherCustomer } = inventory.nodes;
    expect(await ask('addNumbers', { node: otherCustomer, numbers: ['1'] })).toEqual(['DIAL_PLAN node']);
    const id = await made(A, 'otherCustomer');
    expect(await ask('moveNumbers', { ids: [id], node: otherCustomer })).toEqual([]);
    await change('otherCustomer', { dialPlan: 'FLAT' });
    await change('customer', { dialPlan: 'SITE_LOCATION_CODES' });
    await change('otherSite', { siteLocationCode: '82' });
    const [fits, misfit] = ['8299', '8199'].map((digits) => `${inventory.nodes.customer}:${digits}`);
    for (const number of ['8299', '8199']) {
      const place = { customer: inventory.nodes.customer, node: inventory.nodes.site, path: inventory.paths.site };
      await inventory.store.commit({ save: [saveNumber(newNumber(place, number, now), 0)] });
    }
    const node = inventory.nodes.otherSite;
    expect(await ask('addNumbers', { node, numbers: ['8201', '8101', '82'] })).toEqual([
      'DIAL_PLAN numbers.1',
      'DIAL_PLAN numbers.2',
    ]);
    expect(await ask('addNumbers', { node, range: { start: '8198', end: '8202' } })).toEqual(['DIAL_PLAN range.start']);
    expect(await ask('moveNumbers', { ids: [fits, misfit], node }, false)).toEqual(['DIAL_PLAN ids.1']);
    expect((await inventory.store.get(numberCollection, fits ?? ''))?.node).toBe(node);
    await change('customer', { dialPlan: 'FLAT' });
  });

  test('every code of the contract that is about numbers was met above', () => {
    const codes = parse(readSubgraphSdl('number-inventory')).definitions.flatMap((definition) =>
      definition.kind === 'EnumTypeDefinition' && definition.name.value === 'UserErrorCode'
        ? (definition.values ?? []).map((value) => value.name.value)
        : [],
    );
    expect(codes.filter((code) => !refusedCodes.has(code))).toEqual(['NOT_GRANTABLE', 'NODE_IN_USE']);
  });
});
