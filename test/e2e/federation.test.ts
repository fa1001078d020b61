/** One operation, one subscription, across the subgraphs. */
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect, createCustomer, sync, type Connected } from '../src/world/steps.js';
import { openWorld, type World } from '../src/world/world.js';

let world: World;
let connection: Connected;
let run: string;

beforeAll(async () => {
  world = await openWorld({ apart: true });
  const { customer } = await createCustomer(world);
  const manager = await world.routingManager({ users: { count: 3, firstNumber: '+493023125000' } });
  connection = await connect(world.client(), customer, 'joined', manager);
});

afterAll(() => world?.close());

it('joins live numbers with their connection and its last run, per event', async () => {
  const live = world
    .client()
    .subscribe<{ number: unknown }>(
      'subscription { numberChanged { change number { number status connection { name lastSyncRun { id state } } } } }',
    );
  await waitUntil('the subscription to be open', async () => {
    // A run without devices to tell of is not enough: only an event proves that the stream is open.
    const ended = await sync(world.client(), connection.sync);
    run = ended.id;
    if (live.events.length === 0) {
      await sync(world.client(), connection.purge);
    }
    return live.events.length > 0;
  });
  expect(live.events[0]).toMatchObject({
    number: {
      status: expect.stringMatching(/USED|COOLING/),
      connection: { name: 'joined', lastSyncRun: { id: expect.any(String) } },
    },
  });
  await live.stop();
});

it('joins a number with its connection and its last run in one operation', async () => {
  run = (await sync(world.client(), connection.sync)).id;
  const numbers = await world.client().ask<{ edges: { node: unknown }[]; totalCount: number }>(
    `{ numbers(filter: { status: [USED] }) {
      totalCount
      edges { node { number hierarchyNode { name type } connection { name reachability { state } lastSyncRun { id state progress { fetched } } } } }
    } }`,
  );
  expect(numbers.totalCount).toBe(3);
  expect(numbers.edges[0]?.node).toEqual({
    number: '+493023125000',
    hierarchyNode: { name: 'Acme', type: 'CUSTOMER' },
    connection: {
      name: 'joined',
      reachability: { state: 'REACHABLE' },
      lastSyncRun: { id: run, state: 'SUCCEEDED', progress: { fetched: 3 } },
    },
  });
});

it('tells whoever reads numbers only nothing of connections', async () => {
  const { key } = await world
    .client()
    .change<{ key: string }>(
      `mutation($input: CreateApiKeyInput!) { createApiKey(input: $input) { key userErrors { code message field } } }`,
      { label: 'partner', role: 'PARTNER' },
    );
  const answer = await world.client(key).send('{ numbers(first: 1) { edges { node { number connection { id } } } } }');
  expect(answer).toEqual({ data: { numbers: { edges: [{ node: { number: '+493023125000', connection: null } }] } } });
});

it('joins null, and nothing else, once the connection is deleted', async () => {
  await world.client().change(
    `mutation($input: DeleteAudioCodesConnectionInput!) {
      deleteAudioCodesConnection(input: $input) { syncRun { id } userErrors { code message field } }
    }`,
    { id: connection.id },
  );
  await waitUntil('the connection to be gone', async () => {
    const { data } = await world
      .client()
      .send('query($id: ID!) { audioCodesConnection(id: $id) { id } }', { id: connection.id });
    return data?.['audioCodesConnection'] === null;
  });
  const answer = await world
    .client()
    .send('{ numbers(first: 1) { edges { node { status connection { name lastSyncRun { state } } } } } }');
  expect(answer).toEqual({ data: { numbers: { edges: [{ node: { status: 'COOLING', connection: null } }] } } });
});

it('answers for the subgraphs that have nothing yet', async () => {
  const answer = await world
    .client()
    .send('{ auditRuns { edges { node { id } } } networkResources { edges { node { id } } } }');
  expect(answer).toEqual({ data: { auditRuns: { edges: [] }, networkResources: { edges: [] } } });
});

it('says that it is alive and ready', async () => {
  for (const path of ['/health/live', '/health/ready']) {
    const response = await fetch(`${world.url}${path}`);
    expect(response.status, path).toBe(200);
  }
});
