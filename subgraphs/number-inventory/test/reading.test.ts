/** Pages, filters, orders and counts; and that no join asks the store once per number. */
import type { Store } from '@numberyard/kit/storage/port';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openInventory, type TestInventory } from './inventory.js';

let inventory: TestInventory;
const calls: string[] = [];
const COUNTED = ['get', 'getMany', 'getByKey', 'find', 'counts'];

/** Notes every read of the store. */
function counting(store: Store): Store {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        if (COUNTED.includes(String(name))) calls.push(String(name));
        return Reflect.apply(value, target, args) as unknown;
      };
    },
  });
}

beforeAll(async () => {
  inventory = await openInventory({ wrap: counting });
  const { nodes, data } = inventory;
  const add = `mutation ($input: AddNumbersInput!) { addNumbers(input: $input) { userErrors { message } } }`;
  await data(add, { input: { node: nodes.site, range: { start: '100', end: '159' } } });
  await data(add, { input: { node: nodes.otherSite, range: { start: '130', end: '189' } } });
  await data(add, { input: { node: nodes.otherCustomer, range: { start: '150', end: '159' } } });
  const id = (number: number) => `${nodes.customer}:${number}`;
  const assign = `mutation ($input: AssignNumberInput!) { assignNumber(input: $input) { userErrors { message } } }`;
  for (let number = 100; number < 160; number += 3) {
    const kind =
      [{ usage: 'USER', vendor: 'Microsoft' }, { usage: 'HUNT_PILOT' }, { usage: 'USER', vendor: 'Webex' }][
        number % 2
      ] ?? {};
    await data(assign, { input: { id: id(number), ref: 'x', idempotencyKey: `${number}`, ...kind } });
  }
  const reserve = `mutation ($ids: [ID!]!, $days: Int) { reserveNumbers(input: { ids: $ids, days: $days }) { userErrors { message } } }`;
  await data(reserve, { ids: [101, 104, 107].map(id), days: 3 });
  await data(reserve, { ids: [110, 113].map(id), days: 2 });
  await data(reserve, { ids: [116].map(id) });
});
afterAll(() => inventory.close());

interface Page {
  numbers: {
    totalCount: number | null;
    edges: {
      node: {
        id: string;
        number: string;
        status: string;
        usage: string[];
        vendor: string | null;
        releaseDate: string | null;
      };
    }[];
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
  };
}

const PAGE = `query ($filter: NumberFilter, $orderBy: NumberOrder, $first: Int, $after: String) {
  numbers(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    totalCount edges { node { id number status usage vendor releaseDate } } pageInfo { hasNextPage endCursor } } }`;

/** All numbers, read in pages of the given size. */
async function all(filter: object, orderBy: object = {}, first = 7) {
  const nodes: Page['numbers']['edges'][number]['node'][] = [];
  let after: string | null = null;
  let totalCount: number | null;
  do {
    const { numbers }: Page = await inventory.data<Page>(PAGE, { filter, orderBy, first, after });
    nodes.push(...numbers.edges.map(({ node }) => node));
    ({ totalCount } = numbers);
    after = numbers.pageInfo.hasNextPage ? numbers.pageInfo.endCursor : null;
  } while (after !== null);
  return { nodes, totalCount };
}

const filters: object[] = [
  {},
  { status: ['AVAILABLE'] },
  { status: ['USED', 'USED_UTILITY'] },
  { usage: 'USER' },
  { vendor: 'Microsoft' },
  { vendor: '' },
  { status: ['USED'], usage: 'USER', vendor: 'Microsoft' },
  { status: ['COOLING'] },
  { status: [] },
  { startsWith: '15' },
  { startsWith: '15', vendor: '' },
];

test.each(filters)('pages of %j hold each match once, in order, both ways, and the count is right', async (filter) => {
  const wanted = filter as { status?: string[]; usage?: string; vendor?: string; startsWith?: string };
  const everything = (await all({}, {}, 500)).nodes;
  expect(everything).toHaveLength(100);
  const expected = everything.filter(
    (node) =>
      (!wanted.status || wanted.status.includes(node.status)) &&
      (!wanted.usage || node.usage.includes(wanted.usage)) &&
      (wanted.vendor === undefined || (node.vendor ?? '') === wanted.vendor) &&
      node.number.startsWith(wanted.startsWith ?? ''),
  );
  const { nodes, totalCount } = await all(filter);
  expect(nodes).toEqual(expected);
  expect(totalCount).toBe(wanted.startsWith === undefined ? expected.length : null);
  expect((await all(filter, { direction: 'DESC' })).nodes).toEqual([...expected].reverse());
});

test('the order by release date holds the numbers that have one', async () => {
  const { nodes } = await all({ status: ['RESERVED'] }, { field: 'RELEASE_DATE' }, 2);
  expect(nodes.map(({ number }) => number)).toEqual(['110', '113', '101', '104', '107']);
  const back = await all({ startsWith: '11' }, { field: 'RELEASE_DATE', direction: 'DESC' }, 1);
  expect(back.nodes.map(({ number }) => number)).toEqual(['113', '110']);
});

test('a cursor of another order is refused', async () => {
  const first = await inventory.data<Page>(PAGE, { first: 1 });
  const { errors } = await inventory.run(PAGE, {
    after: first.numbers.pageInfo.endCursor,
    orderBy: { field: 'RELEASE_DATE' },
  });
  expect(errors?.map((error) => error.extensions['code'])).toEqual(['BAD_USER_INPUT']);
  for (const argument of [{ first: 0 }, { first: 501 }, { after: 'x' }]) {
    expect((await inventory.run(PAGE, argument)).errors?.map((error) => error.extensions['code'])).toEqual([
      'BAD_USER_INPUT',
    ]);
  }
});

test('a cursor of one list is refused by every other, and none of them takes it for a fault', async () => {
  const { data, run, nodes } = inventory;
  const INFO = 'pageInfo { endCursor }';
  const one = `${nodes.customer}:101`;
  const lists: Record<string, string> = {
    numbers: `numbers(first: 1, after: $after) { ${INFO} }`,
    numbersByDate: `numbers(first: 1, after: $after, orderBy: { field: RELEASE_DATE }) { ${INFO} }`,
    nodes: `hierarchyNodes(first: 1, after: $after) { ${INFO} }`,
    sites: `hierarchyNodes(first: 1, after: $after, type: SITE) { ${INFO} }`,
    customers: `hierarchyNodes(first: 1, after: $after, type: CUSTOMER) { ${INFO} }`,
    keys: `apiKeys(first: 1, after: $after) { ${INFO} }`,
    history: `number(id: "${one}") { history(first: 1, after: $after) { ${INFO} } }`,
  };
  await data(`mutation { createApiKey(input: { label: "any", role: PARTNER }) { userErrors { code } } }`);
  const cursors: Record<string, string> = {};
  for (const [name, list] of Object.entries(lists)) {
    const answer = await data<object>(`query ($after: String) { ${list} }`);
    cursors[name] = /"endCursor":"([^"]+)"/.exec(JSON.stringify(answer))?.[1] ?? '';
  }
  cursors['made up'] = Buffer.from('["1","2"]').toString('base64url');
  for (const [name, list] of Object.entries(lists)) {
    for (const [from, after] of Object.entries(cursors)) {
      expect(after).not.toBe('');
      const { errors } = await run(`query ($after: String) { ${list} }`, { after });
      const codes = errors?.map(({ extensions }) => extensions['code']);
      expect({ name, from, codes }).toEqual({ name, from, codes: name === from ? undefined : ['BAD_USER_INPUT'] });
    }
  }
});

test('the summary counts by status, usage and vendor', async () => {
  const { numberSummary } = await inventory.data<{ numberSummary: object }>(
    `query ($within: ID) { numberSummary(within: $within) { total byStatus { status count } byUsage { usage count } byVendor { vendor count } } }`,
    { within: inventory.nodes.site },
  );
  expect(numberSummary).toEqual({
    total: 60,
    byStatus: [
      { status: 'AVAILABLE', count: 34 },
      { status: 'USED', count: 10 },
      { status: 'USED_UTILITY', count: 10 },
      { status: 'RESERVED', count: 6 },
      { status: 'COOLING', count: 0 },
    ],
    byUsage: expect.arrayContaining([
      { usage: 'USER', count: 10 },
      { usage: 'HUNT_PILOT', count: 10 },
    ]) as unknown,
    byVendor: expect.arrayContaining([
      { vendor: null, count: 50 },
      { vendor: 'Microsoft', count: 10 },
    ]) as unknown,
  });
});

test('the same number of reads serves one number and a hundred, with their nodes and the nodes above', async () => {
  const source = `query ($first: Int) { numbers(first: $first) { edges { node { number connection { id } hierarchyNode { name parent { name parent { name } } } } } } }`;
  const reads = async (first: number) => {
    calls.length = 0;
    await inventory.data(source, { first });
    return [...calls];
  };
  const one = await reads(1);
  expect(one).toEqual(['find', 'getMany', 'getMany', 'getMany']);
  expect(await reads(100)).toEqual(one);
});

test('references of a hundred numbers are read at once', async () => {
  const { nodes } = await all({}, {}, 100);
  const representations = nodes.slice(0, 100).map(({ id }) => ({ __typename: 'InventoryNumber', id }));
  calls.length = 0;
  await inventory.data(
    `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on InventoryNumber { number } } }`,
    { representations },
  );
  expect(calls).toEqual(['getMany']);
});
