/** Live changes: each once, in order, only what the caller sees, and gone on with after a cursor. */
import { afterEach, expect, test } from 'vitest';
import type { ExecutionResult } from 'graphql';
import { openInventory, plain, type TestInventory } from './inventory.js';

let inventory: TestInventory;
afterEach(() => inventory.close());

const ADD = `mutation ($node: ID!, $numbers: [String!]) { addNumbers(input: { node: $node, numbers: $numbers }) { numbers { id } userErrors { message } } }`;
const CHANGED = `subscription ($filter: NumberFilter, $after: String) { numberChanged(filter: $filter, after: $after) {
  change id cursor number { number status hierarchyNode { name } } } }`;
const COOLING = `subscription ($within: ID, $after: String) { coolingChanged(within: $within, after: $after) {
  change cursor releaseDate number { number status } } }`;

interface Change {
  change: string;
  id: string;
  cursor: string;
  releaseDate?: string | null;
  number: { number: string; status: string } | null;
}

async function take(stream: AsyncIterableIterator<ExecutionResult>, count: number): Promise<Change[]> {
  const changes: Change[] = [];
  while (changes.length < count) {
    const { value, done } = await stream.next();
    if (done) throw new Error('the stream ended');
    if (value.errors) throw new Error(value.errors[0]?.message);
    changes.push(Object.values(plain(value.data) as Record<string, Change>)[0] as Change);
  }
  return changes;
}

test('changes below the caller are told with the number as it is, those elsewhere are not', async () => {
  inventory = await openInventory();
  const { nodes } = inventory;
  const stream = await inventory.live(CHANGED, {}, inventory.identity('PARTNER', 'site'));
  await inventory.data(ADD, { node: nodes.otherSite, numbers: ['1'] });
  await inventory.data(ADD, { node: nodes.customer, numbers: ['2'] });
  await inventory.data(ADD, { node: nodes.site, numbers: ['3'] });
  const id = `${nodes.customer}:3`;
  const [added] = await take(stream, 1);
  expect(added).toMatchObject({
    change: 'ADDED',
    id,
    number: { number: '3', status: 'AVAILABLE', hierarchyNode: { name: 'site' } },
  });
  await inventory.data(`mutation ($id: ID!) { reserveNumbers(input: { ids: [$id] }) { userErrors { message } } }`, {
    id,
  });
  expect((await take(stream, 1))[0]).toMatchObject({ change: 'CHANGED', number: { status: 'RESERVED' } });
  await inventory.data(`mutation ($id: ID!) { unreserveNumbers(input: { ids: [$id] }) { userErrors { message } } }`, {
    id,
  });
  await inventory.data(`mutation ($id: ID!) { deleteNumbers(input: { ids: [$id] }) { userErrors { message } } }`, {
    id,
  });
  const [freed, deleted] = await take(stream, 2);
  expect(freed).toMatchObject({ change: 'CHANGED', number: null });
  expect(deleted).toMatchObject({ change: 'DELETED', id, number: null });
  await stream.return?.();
});

test('a filter passes over what does not match it after the change', async () => {
  inventory = await openInventory();
  const { nodes } = inventory;
  await inventory.data(ADD, { node: nodes.site, numbers: ['10', '20', '21'] });
  const stream = await inventory.live(CHANGED, {
    filter: { status: ['RESERVED'], startsWith: '2', within: nodes.customer },
  });
  await inventory.data(`mutation ($ids: [ID!]!) { reserveNumbers(input: { ids: $ids }) { userErrors { message } } }`, {
    ids: ['10', '20'].map((number) => `${nodes.customer}:${number}`),
  });
  await inventory.data(
    `mutation ($ids: [ID!]!) { unreserveNumbers(input: { ids: $ids }) { userErrors { message } } }`,
    { ids: [`${nodes.customer}:20`] },
  );
  await inventory.data(`mutation ($ids: [ID!]!) { reserveNumbers(input: { ids: $ids }) { userErrors { message } } }`, {
    ids: [`${nodes.customer}:21`],
  });
  expect((await take(stream, 2)).map(({ id }) => id)).toEqual([`${nodes.customer}:20`, `${nodes.customer}:21`]);
  await stream.return?.();
});

test('a filter by ending, tag and release date is judged by what the event tells', async () => {
  inventory = await openInventory();
  const { nodes } = inventory;
  const ids = ['17', '27', '18'].map((number) => `${nodes.customer}:${number}`);
  await inventory.data(ADD, { node: nodes.site, numbers: ['17', '27', '18'] });
  const dated = { releaseDateFrom: '2026-01-02T00:00:00Z', releaseDateBefore: '2026-01-03T00:00:00Z' };
  const ending = await inventory.live(CHANGED, { filter: { endsWith: '7', tag: 'lab' } });
  const soon = await inventory.live(CHANGED, { filter: { ...dated, endsWith: '7' } });
  const update = `mutation ($id: ID!, $tag: String) { updateNumber(input: { id: $id, tag: $tag }) { userErrors { message } } }`;
  for (const id of ids) await inventory.data(update, { id, tag: id.endsWith('27') ? 'office' : 'lab' });
  expect((await take(ending, 1))[0]).toMatchObject({ id: ids[0] });
  const reserve = `mutation ($id: ID!, $days: Int) { reserveNumbers(input: { ids: [$id], days: $days }) { userErrors { message } } }`;
  for (const [index, id] of ids.entries()) await inventory.data(reserve, { id, days: index === 0 ? 2 : 1 });
  expect((await take(soon, 1))[0]).toMatchObject({ id: ids[1] });
  expect((await take(ending, 1))[0]).toMatchObject({ id: ids[0] });
});

test('cooling is told as STARTED with its release date, RETURNED and RELEASED, and a cursor loses and doubles nothing', async () => {
  inventory = await openInventory();
  const { tell, clock } = inventory;
  await inventory.inventory.start();
  const stream = await inventory.live(COOLING);
  await tell('run1', [
    { ref: 'u1', before: null, after: '1' },
    { ref: 'u2', before: null, after: '2' },
  ]);
  await tell('run2', [
    { ref: 'u1', before: '1', after: null },
    { ref: 'u2', before: '2', after: null },
  ]);
  const started = await take(stream, 2);
  const releaseDate = new Date(clock.now() + 172_800_000).toISOString();
  expect(started.map(({ change, releaseDate: date, number }) => [change, date, number?.number])).toEqual([
    ['STARTED', releaseDate, '1'],
    ['STARTED', releaseDate, '2'],
  ]);
  await stream.return?.();
  await tell('run3', [{ ref: 'u1', before: null, after: '1' }]);
  const resumed = await inventory.live(COOLING, { after: started[0]?.cursor });
  const more = await take(resumed, 2);
  expect(more.map(({ change, number }) => [change, number?.number])).toEqual([
    ['STARTED', '2'],
    ['RETURNED', '1'],
  ]);
  const last = take(resumed, 1);
  const timer = setInterval(() => clock.advance(3_600_000), 5);
  expect(
    (await last.finally(() => clearInterval(timer))).map(({ change, number }) => [
      change,
      number?.number,
      number?.status,
    ]),
  ).toEqual([['RELEASED', '2', 'AVAILABLE']]);
  await resumed.return?.();
});

test.each([
  ['foreign.1', 'CURSOR_FOREIGN_EPOCH'],
  ['nonsense', 'CURSOR_INVALID'],
])('the cursor %s is an error that says so', async (after, code) => {
  inventory = await openInventory();
  const error = await inventory.live(COOLING, { after }).then(
    () => undefined,
    (reason: { result: ExecutionResult }) => reason.result.errors?.[0]?.extensions['code'],
  );
  expect(error).toBe(code);
});

test('a cursor ahead of the log is an error that says so, and a stream of a node out of sight is refused', async () => {
  inventory = await openInventory();
  const { epoch, head } = await inventory.store.log.state();
  const code = (variables: object, as = inventory.identity('SITE_ADMIN', 'site')) =>
    inventory.live(COOLING, { ...variables }, as).then(
      () => undefined,
      (reason: { result: ExecutionResult }) => reason.result.errors?.[0]?.extensions['code'],
    );
  expect(await code({ after: `${epoch}.${head + 1}` })).toBe('CURSOR_AHEAD');
  expect(await code({ within: inventory.nodes.otherSite })).toBe('BAD_USER_INPUT');
});
