/** What live streams tell when something moves out of sight, and when the key they run under counts no more. */
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ApiClient } from '../src/world/client.js';
import { addNumbers, createCustomer, type Customer } from '../src/world/steps.js';
import { openWorld, type World } from '../src/world/world.js';

interface Change {
  readonly change: string;
  readonly id: string;
  readonly number: { readonly number: string; readonly hierarchyNode: { readonly id: string } } | null;
}

const CHANGES = 'subscription { numberChanged { change id number { number hierarchyNode { id } } cursor } }';
const COOLING = 'subscription { coolingChanged { change id number { number hierarchyNode { id } } cursor } }';

let world: World;
let customer: Customer;

beforeAll(async () => {
  world = await openWorld();
  customer = await createCustomer(world);
});
afterAll(() => world?.close());

async function keyAt(node: string, more: Record<string, unknown> = {}): Promise<{ key: string; id: string }> {
  const { key, apiKey } = await world
    .client()
    .change<{ key: string; apiKey: { id: string } }>(
      `mutation($input: CreateApiKeyInput!) { createApiKey(input: $input) { key apiKey { id } userErrors { code message } } }`,
      { label: 'viewer', role: 'PARTNER', node, ...more },
    );
  return { key, id: apiKey.id };
}

async function move(client: ApiClient, id: string, node: string): Promise<void> {
  await client.change(
    'mutation($input: MoveNumbersInput!) { moveNumbers(input: $input) { userErrors { code message } } }',
    {
      ids: [id],
      node,
    },
  );
}

it('tells those a number moves away from its id and no more, those it moves to that it is there, and each stream its own', async () => {
  const admin = world.client();
  const [from = '', to = ''] = customer.sites;
  const [idle = '', cooling = ''] = await addNumbers(admin, from, '7000', '7001');
  await admin.change('mutation($input: StartCoolingInput!) { startCooling(input: $input) { userErrors { code } } }', {
    ids: [cooling],
  });
  const viewers = await Promise.all([from, to, customer.customer].map((node) => keyAt(node)));
  // Two of the first, which share its stream.
  const keys = [viewers[0], viewers[0], viewers[1], viewers[2]].map((viewer) => viewer?.key);
  const all = keys.map((key) => world.client(key).subscribe<Change>(CHANGES));
  const cold = keys.map((key) => world.client(key).subscribe<Change>(COOLING));
  // A stream is open once it told of something.
  const opened = await waitUntil('all streams to be open', async () => {
    const [at] = await addNumbers(admin, from, ...range());
    const [there] = await addNumbers(admin, to, ...range());
    await cool(admin, [at ?? '', there ?? '']);
    return [...all, ...cold].every(({ events }) => events.length > 0);
  });
  expect(opened).toBe(true);
  await move(admin, idle, to);
  await move(admin, cooling, to);
  const [last = ''] = await addNumbers(admin, from, ...range());
  const [end = ''] = await addNumbers(admin, to, ...range());
  await cool(admin, [last, end]);
  for (const { events } of [...all, ...cold]) {
    await waitUntil('the last number', () => events.some(({ id }) => id === last || id === end));
  }
  const told = (stream: { readonly events: readonly Change[] }) =>
    stream.events
      .filter(({ id }) => id === idle || id === cooling)
      .map(({ change, id, number }) => [change, id === idle ? 'idle' : 'cooling', number?.hierarchyNode.id ?? null]);
  const away = [
    ['LEFT', 'idle', null],
    ['LEFT', 'cooling', null],
  ];
  expect(all.map(told)).toEqual([
    away,
    away,
    [
      ['ADDED', 'idle', to],
      ['ADDED', 'cooling', to],
    ],
    [
      ['CHANGED', 'idle', to],
      ['CHANGED', 'cooling', to],
    ],
  ]);
  expect(cold.map(told)).toEqual([[away[1]], [away[1]], [['STARTED', 'cooling', to]], []]);
  for (const { events } of [...all.slice(0, 2), ...cold.slice(0, 2)]) {
    expect(JSON.stringify(events)).not.toContain(to);
  }
  await Promise.all([...all, ...cold].map((stream) => stream.stop()));
});

it('ends the streams of a key that is revoked, and of one that expires meanwhile', async () => {
  const node = customer.sites[0] ?? '';
  const revoked = await keyAt(node);
  const short = await keyAt(node, { expiresAt: new Date(Date.now() + 2_000).toISOString() });
  const lasting = await keyAt(node);
  const [first, second, third] = [revoked, short, lasting].map(({ key }) => world.client(key).subscribe(CHANGES));
  await waitUntil('the streams to be open', async () => {
    await addNumbers(world.client(), node, ...range());
    return [first, third].every((stream) => stream?.events.length);
  });
  await world
    .client()
    .change('mutation($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { userErrors { code } } }', {
      id: revoked.id,
    });
  for (const stream of [first, second]) {
    await waitUntil('the stream to end', () => stream?.ended);
    expect(JSON.stringify(stream?.problem)).toMatch(/UNAUTHENTICATED|4403/);
  }
  const refused = await Promise.all(
    [revoked, short].map(({ key }) => world.client(key).send('{ numberSummary { total } }')),
  );
  expect(refused[0]?.errors?.map(({ message, extensions }) => [message, extensions?.['code']])).toEqual(
    refused[1]?.errors?.map(({ message, extensions }) => [message, extensions?.['code']]),
  );
  expect(refused[0]?.errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
  expect(third?.ended).toBe(false);
  for (const stream of [first, second, third]) await stream?.stop();
});

let next = 8000;
function range(): [string, string] {
  next += 1;
  return [String(next), String(next)];
}

async function cool(admin: ApiClient, ids: readonly string[]): Promise<void> {
  await admin.change('mutation($input: StartCoolingInput!) { startCooling(input: $input) { userErrors { code } } }', {
    ids,
  });
}
