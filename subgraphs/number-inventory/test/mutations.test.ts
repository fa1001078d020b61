/** What is refused, with code and field, and that a refusal changes nothing. */
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openInventory, type TestInventory } from './inventory.js';

let inventory: TestInventory;
beforeAll(async () => {
  inventory = await openInventory();
});
afterAll(() => inventory.close());

interface Answer {
  userErrors: { code: string; field: string | null; message: string }[];
  number?: { id: string; number: string; status: string; usage: string[]; description: string | null } | null;
  numbers?: { id: string; number: string; status: string; description?: string | null }[];
  existing?: string[];
  deleted?: string[];
  macro?: { value: string; setAt: { name: string } | null } | null;
  hierarchyNode?: { id: string; name: string; numberManagement: boolean | null } | null;
}

const SELECTIONS: Record<string, string> = {
  addNumbers: 'numbers { id number status description } existing',
  claimNextAvailableNumber: 'number { id number status usage description }',
  assignNumber: 'number { id number status usage description }',
  releaseNumber: 'number { id number status usage description }',
  reserveNumbers: 'numbers { id number status }',
  unreserveNumbers: 'numbers { id number status }',
  deleteNumbers: 'deleted',
  setMacro: 'macro { value setAt { name } }',
  createHierarchyNode: 'hierarchyNode { id name numberManagement }',
  updateHierarchyNode: 'hierarchyNode { id name numberManagement }',
};

async function mutate(name: string, input: object): Promise<Answer> {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  const source = `mutation ($input: ${type}!) { ${name}(input: $input) { ${SELECTIONS[name]} userErrors { code field message } } }`;
  return (await inventory.data<Record<string, Answer>>(source, { input }))[name] as Answer;
}

async function refused(name: string, input: object): Promise<string[]> {
  const head = async () => (await inventory.store.log.state()).head;
  const before = await head();
  const { userErrors } = await mutate(name, input);
  expect(await head()).toBe(before);
  return userErrors.map(({ code, field }) => `${code} ${field}`);
}

let next = 5000;
async function add(description?: string): Promise<{ id: string; number: string }> {
  const { numbers } = await mutate('addNumbers', {
    node: inventory.nodes.site,
    numbers: [`${(next += 1)}`],
    description,
  });
  const [number] = numbers ?? [];
  if (!number) throw new Error('nothing was added');
  return number;
}

let key = 0;
const fresh = () => `key-${(key += 1)}`;

describe('texts', () => {
  test.each(['a control character \u0001', 'half a character \uD83D', 'a NUL \u0000'])(
    'that no database keeps as they are are refused: %j',
    async (text) => {
      const { nodes } = inventory;
      const { id } = await add();
      const assignment = { id, ref: 'x', idempotencyKey: fresh() };
      expect(await refused('assignNumber', { ...assignment, vendor: text })).toEqual(['INVALID vendor']);
      expect(await refused('assignNumber', { ...assignment, ref: text })).toEqual(['INVALID ref']);
      expect(await refused('assignNumber', { ...assignment, idempotencyKey: text })).toEqual([
        'INVALID idempotencyKey',
      ]);
      expect(await refused('reserveNumbers', { ids: [id], notes: text })).toEqual(['INVALID notes']);
      expect(await refused('addNumbers', { node: nodes.site, numbers: ['7'], description: text })).toEqual([
        'INVALID description',
      ]);
      const node = { parent: nodes.customer, type: 'SITE', name: text };
      expect(await refused('createHierarchyNode', node)).toEqual(['INVALID name']);
      expect(await refused('updateHierarchyNode', { id: nodes.site, name: text })).toEqual(['INVALID name']);
    },
  );
});

describe('adding', () => {
  test('existing numbers stay untouched and are reported, wherever in the customer they live', async () => {
    await mutate('addNumbers', { node: inventory.nodes.otherSite, numbers: ['101'], description: 'kept' });
    const { numbers, existing } = await mutate('addNumbers', {
      node: inventory.nodes.customer,
      range: { start: '100', end: '102' },
      description: 'new',
    });
    expect(numbers?.map(({ number }) => number)).toEqual(['100', '102']);
    expect(existing).toEqual(['101']);
    const other = await mutate('addNumbers', { node: inventory.nodes.otherCustomer, numbers: ['101'] });
    expect(other.numbers).toHaveLength(1);
  });
  test('adding the same twice writes nothing the second time', async () => {
    const input = { node: inventory.nodes.site, numbers: ['150'] };
    await mutate('addNumbers', input);
    expect(await refused('addNumbers', input)).toEqual([]);
  });
  test('all problems of an input are told at once', async () => {
    expect(
      await refused('addNumbers', {
        node: inventory.nodes.reseller,
        range: { start: 'a', end: '1' },
        description: 'x'.repeat(1001),
      }),
    ).toEqual(['WRONG_NODE_TYPE node', 'INVALID range.start', 'OUT_OF_RANGE description']);
    expect(await refused('addNumbers', { node: 'nowhere', range: { start: '2', end: '1' } })).toEqual([
      'NOT_FOUND node',
      'OUT_OF_RANGE range.end',
    ]);
  });
});

describe('claiming, assigning, releasing', () => {
  test('the lowest Available number goes first; an empty site has none', async () => {
    const { hierarchyNode } = await mutate('createHierarchyNode', {
      parent: inventory.nodes.customer,
      type: 'SITE',
      name: `site ${fresh()}`,
    });
    const node = hierarchyNode?.id;
    expect(await refused('claimNextAvailableNumber', { node, ref: 'x', idempotencyKey: fresh() })).toEqual([
      'NO_NUMBER_AVAILABLE node',
    ]);
    await mutate('addNumbers', { node, numbers: ['903', '901', '902'] });
    const { number } = await mutate('claimNextAvailableNumber', { node, ref: 'x', idempotencyKey: fresh() });
    expect(number).toMatchObject({ number: '901', status: 'USED', usage: ['USER'] });
  });
  test('the same key gives the same answer, another input with it is refused', async () => {
    await add();
    await add();
    const input = { node: inventory.nodes.site, ref: 'bob', idempotencyKey: fresh() };
    const [first, second] = await Promise.all([
      mutate('claimNextAvailableNumber', input),
      mutate('claimNextAvailableNumber', input),
    ]);
    const third = await mutate('claimNextAvailableNumber', input);
    expect([second.number?.id, third.number?.id]).toEqual([first.number?.id, first.number?.id]);
    expect(await refused('claimNextAvailableNumber', { ...input, ref: 'eve' })).toEqual([
      'IDEMPOTENCY_KEY_REUSED idempotencyKey',
    ]);
  });
  test('only Available numbers are assigned; what is assigned can be released, once', async () => {
    const { id } = await add('front desk');
    const input = { id, ref: 'bob', usage: 'HUNT_PILOT', idempotencyKey: fresh() };
    expect((await mutate('assignNumber', input)).number).toMatchObject({
      status: 'USED_UTILITY',
      usage: ['HUNT_PILOT'],
    });
    expect(await refused('assignNumber', { ...input, idempotencyKey: fresh() })).toEqual(['NUMBER_NOT_AVAILABLE id']);
    expect(await refused('releaseNumber', { id, ref: 'eve', idempotencyKey: fresh() })).toEqual([
      'NUMBER_NOT_ASSIGNED ref',
    ]);
    const release = { id, idempotencyKey: fresh() };
    expect((await mutate('releaseNumber', release)).number).toMatchObject({
      status: 'AVAILABLE',
      usage: [],
      description: null,
    });
    expect((await mutate('releaseNumber', release)).userErrors).toEqual([]);
    expect(await refused('releaseNumber', { id, idempotencyKey: fresh() })).toEqual(['NUMBER_NOT_ASSIGNED id']);
  });
  test('a number a device owns is not released, nor assigned, nor deleted, nor reserved', async () => {
    const test = await openInventory();
    try {
      await test.inventory.start();
      await test.tell('run', [{ ref: 'u1', before: null, after: '777' }]);
      const id = `${test.nodes.customer}:777`;
      await waitUntil(
        'the number',
        async () => (await test.data<{ number: object | null }>(`{ number(id: "${id}") { id } }`)).number,
      );
      const code = async (field: string, input: string) =>
        (
          await test.data<Record<string, Answer>>(
            `mutation { ${field}(input: ${input}) { userErrors { code field message } } }`,
          )
        )[field]?.userErrors.map((error) => `${error.code} ${error.field}`);
      expect(await code('releaseNumber', `{ id: "${id}", idempotencyKey: "a" }`)).toEqual([
        'NUMBER_OWNED_BY_DEVICE id',
      ]);
      expect(await code('assignNumber', `{ id: "${id}", ref: "x", idempotencyKey: "b" }`)).toEqual([
        'NUMBER_NOT_AVAILABLE id',
      ]);
      expect(await code('deleteNumbers', `{ ids: ["${id}"] }`)).toEqual(['NUMBER_NOT_AVAILABLE ids.0']);
      expect(await code('reserveNumbers', `{ ids: ["${id}"] }`)).toEqual(['NUMBER_NOT_AVAILABLE ids.0']);
    } finally {
      await test.close();
    }
  });
  test('input that does not fit is refused with all its problems', async () => {
    expect(await refused('assignNumber', { id: 'x', ref: ' ', vendor: 'audiocodes', idempotencyKey: '' })).toEqual([
      'REQUIRED ref',
      'INVALID vendor',
      'REQUIRED idempotencyKey',
    ]);
    expect(await refused('assignNumber', { id: 'x', ref: 'y', idempotencyKey: fresh() })).toEqual(['NOT_FOUND id']);
    expect(await refused('releaseNumber', { id: 'x', idempotencyKey: 'k'.repeat(201) })).toEqual([
      'OUT_OF_RANGE idempotencyKey',
    ]);
  });
});

describe('reserving and deleting', () => {
  test('those that fit are changed, the others reported by their place', async () => {
    const [a, b] = [await add(), await add()];
    const { numbers, userErrors } = await mutate('reserveNumbers', { ids: [a.id, 'nothing', b.id, a.id] });
    expect(numbers?.map(({ id, status }) => [id, status])).toEqual([
      [a.id, 'RESERVED'],
      [b.id, 'RESERVED'],
    ]);
    expect(userErrors.map(({ code, field }) => `${code} ${field}`)).toEqual(['NOT_FOUND ids.1']);
    expect(await refused('reserveNumbers', { ids: [a.id] })).toEqual(['NUMBER_NOT_AVAILABLE ids.0']);
    expect(await refused('assignNumber', { id: a.id, ref: 'x', idempotencyKey: fresh() })).toEqual([
      'NUMBER_NOT_AVAILABLE id',
    ]);
    expect((await mutate('unreserveNumbers', { ids: [a.id] })).numbers?.map(({ status }) => status)).toEqual([
      'AVAILABLE',
    ]);
    expect(await refused('unreserveNumbers', { ids: [a.id] })).toEqual(['NUMBER_NOT_RESERVED ids.0']);
    const gone = await mutate('deleteNumbers', { ids: [a.id, b.id] });
    expect(gone.deleted).toEqual([a.id]);
    expect(gone.userErrors.map(({ code, field }) => `${code} ${field}`)).toEqual(['NUMBER_NOT_AVAILABLE ids.1']);
  });
  test.each([
    ['reserveNumbers', { ids: [], days: 1000 }, ['REQUIRED ids', 'OUT_OF_RANGE days']],
    ['reserveNumbers', { ids: ['a'], days: 0, notes: 'x'.repeat(1001) }, ['OUT_OF_RANGE notes', 'OUT_OF_RANGE days']],
    ['deleteNumbers', { ids: Array.from({ length: 1001 }, (_, index) => `${index}`) }, ['OUT_OF_RANGE ids']],
  ])('%s refuses what is out of range', async (name, input, expected) =>
    expect(await refused(name, input)).toEqual(expected),
  );
  test('a number deleted and added again continues its history, newest first and in pages', async () => {
    const { id, number } = await add();
    await mutate('deleteNumbers', { ids: [id] });
    await mutate('addNumbers', { node: inventory.nodes.customer, numbers: [number] });
    const page = `query ($id: ID!, $after: String) { number(id: $id) { history(first: 2, after: $after) { edges { node { type status actor cause } } pageInfo { hasNextPage endCursor } } } }`;
    interface History {
      number: {
        history: {
          edges: { node: { type: string; status: string | null; actor: string; cause: string } }[];
          pageInfo: { hasNextPage: boolean; endCursor: string };
        };
      };
    }
    const first = (await inventory.data<History>(page, { id })).number.history;
    expect(first.edges.map(({ node }) => node)).toEqual([
      { type: 'NumberAdded', status: 'AVAILABLE', actor: 'root', cause: 'request:test' },
      { type: 'NumberDeleted', status: null, actor: 'root', cause: 'request:test' },
    ]);
    expect(first.pageInfo.hasNextPage).toBe(true);
    const second = (await inventory.data<History>(page, { id, after: first.pageInfo.endCursor })).number.history;
    expect(second.edges.map(({ node }) => node.type)).toEqual(['NumberAdded']);
    expect(second.pageInfo.hasNextPage).toBe(false);
  });
});

describe('macros', () => {
  test.each(['0', '1000', 'soon', 'P0D', ''])('a value of "%s" is refused', async (value) => {
    const [error] = await refused('setMacro', {
      node: inventory.nodes.site,
      name: 'audiocodes_cooling_duration',
      value,
    });
    expect(error).toMatch(/^(OUT_OF_RANGE|INVALID) value$/);
  });
  test('unknown names and nodes are refused', async () => {
    expect(await refused('setMacro', { node: 'x', name: 'y', value: '1' })).toEqual(['NOT_FOUND node', 'INVALID name']);
  });
  test('set, seen below, and unset again', async () => {
    const { reseller, site } = inventory.nodes;
    const name = 'audiocodes_cooling_duration';
    await mutate('setMacro', { node: reseller, name, value: '9' });
    const MACROS = `query ($node: ID!) { macros(node: $node) { name value setAt { id } } }`;
    expect(await inventory.data(MACROS, { node: site })).toEqual({
      macros: [
        { name, value: '9', setAt: { id: reseller } },
        { name: 'PULL_SYNC_DELETE_THRESHOLD_AUDIOCODES', value: '', setAt: null },
      ],
    });
    expect(await refused('setMacro', { node: reseller, name, value: '9' })).toEqual([]);
    expect((await mutate('setMacro', { node: reseller, name, value: null })).macro).toEqual({
      value: '2',
      setAt: null,
    });
  });
});

describe('the hierarchy', () => {
  test('names are unique among siblings without regard to case, also when made at once', async () => {
    const input = { parent: inventory.nodes.customer, type: 'SITE', name: 'Straße' };
    const answers = await Promise.all(
      ['Straße', 'STRASSE'.replace('SS', 'ß'), 'straße'].map((name) =>
        mutate('createHierarchyNode', { ...input, name }),
      ),
    );
    expect(answers.filter(({ hierarchyNode }) => hierarchyNode)).toHaveLength(1);
    expect(answers.flatMap(({ userErrors }) => userErrors.map(({ code, field }) => `${code} ${field}`))).toEqual([
      'ALREADY_EXISTS name',
      'ALREADY_EXISTS name',
    ]);
  });
  test('new customers have number management on; a node may be renamed to its own name in other case', async () => {
    const made = await mutate('createHierarchyNode', {
      parent: inventory.nodes.reseller,
      type: 'CUSTOMER',
      name: 'acme',
    });
    expect(made.hierarchyNode?.numberManagement).toBe(true);
    expect(
      (await mutate('updateHierarchyNode', { id: made.hierarchyNode?.id, name: 'ACME' })).hierarchyNode?.name,
    ).toBe('ACME');
    expect(await refused('updateHierarchyNode', { id: made.hierarchyNode?.id, name: 'Customer' })).toEqual([
      'ALREADY_EXISTS name',
    ]);
    expect(await refused('updateHierarchyNode', { id: 'x', name: ' ' })).toEqual(['REQUIRED name', 'NOT_FOUND id']);
    expect(
      await refused('createHierarchyNode', {
        parent: inventory.nodes.site,
        type: 'INTERMEDIATE',
        name: 'x'.repeat(65),
      }),
    ).toEqual(['OUT_OF_RANGE name', 'WRONG_NODE_TYPE type']);
  });
});
