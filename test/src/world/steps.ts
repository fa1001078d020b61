/** Steps that many stories share: a hierarchy, a connection, a sync that is waited for. */
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import type { ApiClient } from './client.js';
import type { Credentials, World } from './world.js';

export interface Customer {
  readonly reseller: string;
  readonly customer: string;
  readonly sites: readonly string[];
}

export async function createNode(client: ApiClient, parent: string, type: string, name: string): Promise<string> {
  const { hierarchyNode } = await client.change<{ hierarchyNode: { id: string } }>(
    `mutation($input: CreateHierarchyNodeInput!) {
      createHierarchyNode(input: $input) { hierarchyNode { id } userErrors { code message field } }
    }`,
    { parent, type, name },
  );
  return hierarchyNode.id;
}

/** A reseller with a customer and some sites. */
export async function createCustomer(
  world: Pick<World, 'client' | 'provider'>,
  name = 'Acme',
  siteCount = 2,
): Promise<Customer> {
  const client = world.client();
  const reseller = await createNode(client, world.provider, 'RESELLER', `${name} reseller`);
  const customer = await createNode(client, reseller, 'CUSTOMER', name);
  const sites: string[] = [];
  for (let index = 1; index <= siteCount; index += 1) {
    sites.push(await createNode(client, customer, 'SITE', `Site ${index}`));
  }
  return { reseller, customer, sites };
}

export async function addNumbers(client: ApiClient, node: string, start: string, end: string): Promise<string[]> {
  const { numbers } = await client.change<{ numbers: { id: string }[] }>(
    `mutation($input: AddNumbersInput!) {
      addNumbers(input: $input) { numbers { id } existing userErrors { code message field } }
    }`,
    { node, range: { start, end } },
  );
  return numbers.map(({ id }) => id);
}

export async function setMacro(client: ApiClient, node: string, name: string, value: string): Promise<void> {
  await client.change(
    'mutation($input: SetMacroInput!) { setMacro(input: $input) { macro { value } userErrors { code message field } } }',
    { node, name, value },
  );
}

export interface Connected {
  readonly id: string;
  readonly sync: string;
  readonly purge: string;
  readonly schedule: string;
}

export async function connect(
  client: ApiClient,
  node: string,
  name: string,
  manager: Credentials & { readonly address: string },
  options: Record<string, unknown> = {},
): Promise<Connected> {
  const { connection } = await client.change<{
    connection: { id: string; dataSyncs: { id: string; kind: string }[]; schedule: { id: string } };
  }>(
    `mutation($input: CreateAudioCodesConnectionInput!) {
      createAudioCodesConnection(input: $input) {
        connection { id dataSyncs { id kind } schedule { id } } userErrors { code message field }
      }
    }`,
    { node, name, routingManager: manager.address, username: manager.username, password: manager.password, ...options },
  );
  const item = (kind: string) => connection.dataSyncs.find((dataSync) => dataSync.kind === kind)?.id ?? '';
  return { id: connection.id, sync: item('SYNC'), purge: item('PURGE'), schedule: connection.schedule.id };
}

export interface Run {
  readonly id: string;
  readonly state: string;
  readonly progress: Record<'fetched' | 'added' | 'updated' | 'removed' | 'unchanged', number> & {
    total: number | null;
  };
  readonly effect: Record<'numbersCreated' | 'numbersUsed' | 'numbersCooling' | 'numbersReturned', number>;
  readonly error: { code: string; message: string } | null;
  readonly issues: { edges: { node: { kind: string; subject: string | null; message: string } }[] };
}

const RUN = `id state progress { fetched total added updated removed unchanged }
  effect { numbersCreated numbersUsed numbersCooling numbersReturned }
  error { code message } issues(first: 500) { edges { node { kind subject message } } }`;

export async function queueRun(client: ApiClient, dataSync: string): Promise<string> {
  const { syncRun } = await client.change<{ syncRun: { id: string } }>(
    'mutation($input: RunDataSyncInput!) { runDataSync(input: $input) { syncRun { id } userErrors { code message field } } }',
    { dataSync },
  );
  return syncRun.id;
}

export async function ended(client: ApiClient, id: string, deadlineMs?: number): Promise<Run> {
  return waitUntil(
    `run ${id} to end`,
    async () => {
      const run = await client.ask<Run>(`query($id: ID!) { syncRun(id: $id) { ${RUN} } }`, { id });
      return ['QUEUED', 'RUNNING', 'APPLYING'].includes(run.state) ? undefined : run;
    },
    deadlineMs,
  );
}

/** Run a data sync and wait for its end. */
export async function sync(client: ApiClient, dataSync: string, deadlineMs?: number): Promise<Run> {
  return ended(client, await queueRun(client, dataSync), deadlineMs);
}

export interface NumberState {
  readonly id: string;
  readonly number: string;
  readonly status: string;
  readonly usage: readonly string[];
  readonly vendor: string | null;
  readonly tag: string | null;
  readonly releaseDate: string | null;
  readonly connection: { readonly id: string } | null;
}

export async function numberOf(client: ApiClient, customer: string, number: string): Promise<NumberState | null> {
  return client.ask<NumberState | null>(
    `query($customer: ID!, $number: String!) {
      numberByValue(customer: $customer, number: $number) {
        id number status usage vendor tag releaseDate connection { id }
      }
    }`,
    { customer, number },
  );
}
