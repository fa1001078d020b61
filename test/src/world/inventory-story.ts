/** An installation with something of everything: synced numbers, one cooling, one claimed, one reserved, their history; and all that a client can read of it. */
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import type { RoutingManager } from '@numberyard/simulator-arm/routing-manager';
import type { ApiClient } from './client.js';
import type { Movable } from './movable.js';
import {
  addNumbers,
  type Connected,
  connect,
  createCustomer,
  type Customer,
  numberOf,
  setMacro,
  sync,
} from './steps.js';

export interface Inventory extends Customer {
  readonly manager: RoutingManager;
  readonly connection: Connected;
  /** Number of the device that is offline, so that it cools. */
  readonly cooling: string;
}

const FIRST = '+493023125000';

export async function makeInventory(world: Movable): Promise<Inventory> {
  const client = world.client();
  const customer = await createCustomer(world);
  const site = customer.sites[0] ?? '';
  await addNumbers(client, site, FIRST, '+493023125399');
  await setMacro(client, customer.customer, 'audiocodes_cooling_duration', '5');
  const manager = await world.routingManager({ users: { count: 200, firstNumber: FIRST } });
  const connection = await connect(client, customer.customer, 'main', manager);
  await sync(client, connection.sync);
  const cooling = '+493023125003';
  manager.control.takeOffline(cooling);
  await sync(client, connection.sync);
  await claim(client, customer.customer);
  return { ...customer, manager, connection, cooling };
}

/** The same claim each time: its number, as the first answer told it. */
export async function claim(client: ApiClient, node: string): Promise<string> {
  const { number } = await client.change<{ number: { number: string } }>(
    `mutation($input: ClaimNextAvailableNumberInput!) {
      claimNextAvailableNumber(input: $input) { number { number } userErrors { code message field } }
    }`,
    { node, ref: 'desk 1', idempotencyKey: 'claim-1' },
  );
  return number.number;
}

const READABLE = [
  `{ numbers(first: 500) { totalCount edges { cursor node {
      id number e164 status usage vendor tag releaseDate description createdAt updatedAt
      hierarchyNode { id name } connection { id name }
      uses { source ref } history { edges { node { id type time actor cause status tag releaseDate } } }
    } } pageInfo { hasNextPage endCursor } } }`,
  `{ numberSummary { total byStatus { status count } byUsage { usage count } byVendor { vendor count } } }`,
  `{ hierarchyNodes(first: 100) { edges { node { id name type } } } }`,
  `{ audioCodesConnections { edges { node { id name routingManager username hasPassword
      registeredUsers { totalCount } lastSyncRun { id state progress { fetched added unchanged } } } } } }`,
  `{ syncRuns { edges { node { id kind state effect { numbersUsed numbersCooling } finishedAt } } } }`,
] as const;

/** Everything a client can read, as answered. */
export async function readEverything(client: ApiClient): Promise<unknown[]> {
  const answers = await Promise.all(READABLE.map((query) => client.send(query)));
  for (const { errors } of answers) if (errors) throw new Error(JSON.stringify(errors));
  return answers;
}

/** The device comes back: its number leaves cooling, which takes the stored password, both subgraphs and their following of each other. */
export async function bringBack(
  client: ApiClient,
  { manager, connection, cooling, customer }: Inventory,
): Promise<void> {
  manager.control.bringBack(cooling);
  await sync(client, connection.sync);
  await waitUntil('the number to be used again', async () => {
    const number = await numberOf(client, customer, cooling);
    return number?.status === 'USED' && number.tag === null;
  });
}
