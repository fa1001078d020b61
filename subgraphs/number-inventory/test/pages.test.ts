/** Every combination of filters and orders, over pages that are cut short anywhere, as the engine may cut them. */
import { randomFrom } from '@numberyard/kit/testing/random';
import type { Page, PagePosition, Store } from '@numberyard/kit/storage/port';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyConnectionsEvents } from '../src/commands/apply-registered-users.js';
import { findNumbers } from '../src/commands/find-numbers.js';
import type { NumberFilter } from '../src/commands/number-filter.js';
import { orderOf, type NumberOrder } from '../src/commands/number-order.js';
import { saveNumber, type NumberDoc } from '../src/models/number.js';
import { openInventory, type Nodes, type TestInventory } from './inventory.js';

/** Of the numbers that AudioCodes devices left on the clock's first day. */
const TAG = 'Registered user is either offline or deleted, release date 2026-01-01 + 2 days';
const COOLED = '2026-01-03T00:00:00.000Z';
const LATER = '2026-01-03T00:01:00.000Z';

let inventory: TestInventory;
let everything: readonly NumberDoc[];

async function tell(changes: [string, boolean][], node: keyof Nodes, connection: string): Promise<void> {
  const told = changes.map(([number, isThere]) => ({
    ref: `${connection}-${number}`,
    before: isThere ? null : number,
    after: isThere ? number : null,
  }));
  const position = await inventory.tell('run', told, node, connection);
  const { events } = await inventory.connections.log.read({ after: position - 1, limit: 1 });
  expect((await inventory.store.commit((await applyConnectionsEvents(inventory, events)) ?? {})).ok).toBe(true);
}

beforeAll(async () => {
  inventory = await openInventory();
  const { nodes, data, clock } = inventory;
  const add = `mutation ($input: AddNumbersInput!) { addNumbers(input: $input) { userErrors { message } } }`;
  await data(add, { input: { node: nodes.site, range: { start: '100', end: '139' } } });
  await data(add, { input: { node: nodes.otherSite, range: { start: '140', end: '159' } } });
  // The same numbers at another customer stand beside these in every key across customers.
  await data(add, { input: { node: nodes.otherCustomer, range: { start: '110', end: '129' } } });
  const there = (from: number, to: number, step: number, isThere: boolean) =>
    Array.from({ length: Math.ceil((to - from) / step) }, (_, index): [string, boolean] => [
      `${from + index * step}`,
      isThere,
    ]);
  await tell(there(100, 160, 2, true), 'customer', 'one');
  await tell(there(101, 130, 3, true), 'site', 'two');
  await tell(there(100, 160, 4, false), 'customer', 'one');
  clock.advance(60_000);
  await tell(there(101, 120, 6, false), 'site', 'two');
  const reserve = `mutation ($ids: [ID!]!, $days: Int) { reserveNumbers(input: { ids: $ids, days: $days }) { userErrors { message } } }`;
  await data(reserve, { ids: ['103', '105', '141'].map((number) => `${nodes.customer}:${number}`), days: 2 });
  const made = await all(inventory.store, 'provider', {}, { field: 'NUMBER', direction: 'ASC' }, 500);
  const tagged = made.filter(({ number }) => Number(number) % 3 === 0);
  const save = tagged.map(({ version, ...number }) => saveNumber({ ...number, ownTag: 'team' }, version));
  expect(await inventory.store.commit({ save })).toMatchObject({ ok: true });
  everything = await all(inventory.store, 'provider', {}, { field: 'NUMBER', direction: 'ASC' }, 500);
});
afterAll(() => inventory.close());

/** Answers fewer than were asked for now and then, also none, and says that there is more. */
function cutting(store: Store, seed: number): Store {
  const random = randomFrom(seed);
  const cut = <D>(page: Page<D>, before: PagePosition | undefined): Page<D> => {
    const kept = Math.floor(random() * (page.items.length + 1));
    const after = page.positions[kept - 1] ?? before;
    if (kept === page.items.length || !after || random() < 0.3) return page;
    return { items: page.items.slice(0, kept), positions: page.positions.slice(0, kept), after };
  };
  return { ...bound(store), find: async (collection, find) => cut(await store.find(collection, find), find.after) };
}

function bound(store: Store): Store {
  return new Proxy(store, {
    ownKeys: () => ['get', 'getMany', 'find', 'counts'],
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
    get: (target, name) => (Reflect.get(target, name) as () => unknown).bind(target),
  });
}

async function all(store: Store, node: keyof Nodes, filter: NumberFilter, order: NumberOrder, limit: number) {
  const found: NumberDoc[] = [];
  const within = { id: inventory.nodes[node], path: inventory.paths[node] };
  let after: PagePosition | undefined;
  do {
    const page: Page<NumberDoc> = await findNumbers(store, { within, filter, order, limit, ...(after && { after }) });
    found.push(...page.items);
    after = page.after;
  } while (after);
  return found;
}

const filters: NumberFilter[] = [
  {},
  { status: ['COOLING'] },
  { status: ['COOLING', 'RESERVED', 'USED'] },
  { status: ['AVAILABLE'] },
  { usage: 'DEVICE' },
  { vendor: 'AudioCodes' },
  { vendor: '' },
  { startsWith: '11' },
  { startsWith: '1', status: ['COOLING'] },
  { endsWith: '2' },
  { endsWith: '12' },
  { endsWith: '2', startsWith: '11' },
  { endsWith: '5', status: ['COOLING', 'RESERVED'] },
  { endsWith: '4', tag: TAG },
  { endsWith: '99' },
  { tag: TAG },
  { tag: TAG, status: ['COOLING'] },
  { tag: TAG, vendor: 'Nobody' },
  { tag: TAG, startsWith: '11' },
  { tag: 'team' },
  { tag: 'team', usage: 'DEVICE' },
  { tag: 'none' },
  { tag: '' },
  { releaseDateFrom: COOLED },
  { releaseDateFrom: COOLED, releaseDateBefore: LATER },
  { releaseDateBefore: LATER, status: ['COOLING'], startsWith: '1' },
  { releaseDateFrom: LATER, tag: TAG },
  { releaseDateFrom: LATER, releaseDateBefore: COOLED },
];
const cases = filters.flatMap((filter) =>
  [undefined, 'one', 'two'].map((connection) => ({ ...filter, ...(connection && { connection }) })),
);

/** What the order goes by, as one text. */
function placeIn(field: NumberOrder['field'], { number, releaseDate, customer }: NumberDoc): string {
  const ending = [...number].reverse().join('');
  const by = { NUMBER: number, RELEASE_DATE: `${releaseDate} ${number}`, ENDING: ending };
  return `${by[field]} ${customer}`;
}

function isWanted(filter: NumberFilter, number: NumberDoc): boolean {
  const { releaseDateFrom: from, releaseDateBefore: before } = filter;
  return (
    (!filter.status || filter.status.includes(number.status)) &&
    (!filter.usage || number.usage.includes(filter.usage)) &&
    (filter.vendor === undefined || (number.vendor ?? '') === filter.vendor) &&
    (!filter.connection || number.connection === filter.connection) &&
    (filter.tag === undefined || number.tag === filter.tag) &&
    (!from || (number.releaseDate ?? '') >= from) &&
    (!before || (number.releaseDate ?? '~') < before) &&
    number.number.startsWith(filter.startsWith ?? '') &&
    number.number.endsWith(filter.endsWith ?? '')
  );
}

test.each(cases)('%j, every order it may come in, both ways, at every node', async (filter) => {
  const forced = orderOf(filter, null).field;
  const fields = forced === 'NUMBER' ? (['NUMBER', 'RELEASE_DATE', 'ENDING'] as const) : [forced];
  for (const node of ['provider', 'customer', 'site', 'otherSite', 'otherCustomer'] as const) {
    for (const field of fields) {
      const expected = everything
        .filter((number) => number.nodes.includes(inventory.nodes[node]) && isWanted(filter, number))
        .filter(({ releaseDate }) => field !== 'RELEASE_DATE' || releaseDate !== undefined)
        .map((number) => placeIn(field, number))
        .sort();
      for (const direction of ['ASC', 'DESC'] as const) {
        const store = cutting(inventory.store, expected.length + 1);
        const found = await all(store, node, filter, { field, direction }, 7);
        const told = found.map((number) => placeIn(field, number));
        expect(told).toEqual(direction === 'ASC' ? expected : [...expected].reverse());
      }
    }
  }
});

test('what is asked for is there', () => {
  const count = (filter: NumberFilter) => everything.filter((number) => isWanted(filter, number)).length;
  for (const filter of filters) {
    const isEmpty =
      ['99', 'none', '', 'Nobody'].some((value) => Object.values(filter).includes(value)) || filter.vendor === '';
    if (!isEmpty && filter.releaseDateFrom !== LATER)
      expect({ filter, count: count(filter) }).not.toEqual({ filter, count: 0 });
  }
});

test.each([
  [{ endsWith: '1', releaseDateFrom: COOLED }, undefined, 'filter.endsWith'],
  [{ endsWith: '1' }, 'NUMBER', 'orderBy.field'],
  [{ endsWith: '1' }, 'RELEASE_DATE', 'orderBy.field'],
  [{ releaseDateFrom: COOLED }, 'NUMBER', 'orderBy.field'],
  [{ releaseDateBefore: COOLED }, 'ENDING', 'orderBy.field'],
] as const)('%j in the order %s is refused, and the rule is told', (filter, field, told) => {
  const orderBy = field && ({ field, direction: 'DESC' } as const);
  expect(() => orderOf(filter, orderBy)).toThrow(
    expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT', field: told } }),
  );
});

test('without an order the filter chooses it', () => {
  expect(orderOf({}, null)).toEqual({ field: 'NUMBER', direction: 'ASC' });
  expect(orderOf({ endsWith: '1' }, null)).toEqual({ field: 'ENDING', direction: 'ASC' });
  expect(orderOf({ releaseDateFrom: COOLED }, null)).toEqual({ field: 'RELEASE_DATE', direction: 'ASC' });
  expect(orderOf({ endsWith: '' }, { field: 'NUMBER', direction: 'DESC' })).toEqual({
    field: 'NUMBER',
    direction: 'DESC',
  });
});

test('a page of a rare kind reads no numbers but its own, whatever else its node or connection has', async () => {
  const finds: { key: string; where?: object; equals?: readonly unknown[] }[] = [];
  const store = bound(inventory.store);
  const noting: Store = {
    ...store,
    find: (collection, find) => {
      finds.push(find);
      return inventory.store.find(collection, find);
    },
  };
  for (const filter of [{ status: ['COOLING'] as const }, { status: ['COOLING'] as const, connection: 'one' }]) {
    for (const field of ['NUMBER', 'RELEASE_DATE'] as const) {
      finds.length = 0;
      await all(noting, 'customer', filter, { field, direction: 'ASC' }, 500);
      expect(finds.every(({ equals }) => equals?.[1] === 'COOLING||AudioCodes')).toBe(true);
      expect(finds.flatMap(({ where }) => Object.keys(where ?? {})).every((path) => path === 'path')).toBe(true);
    }
  }
});
