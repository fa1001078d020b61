/**
 * Fills the demo through the public API. Every step looks before it makes, so a start that was interrupted is completed by the next.
 */
import type { GraphQLClient } from './client.js';
import { CUSTOMERS, NUMBERS_PER_SITE, numberAfter, RESELLER, type DemoCustomer, type DemoSite } from './world.js';

interface Named {
  readonly id: string;
  readonly name: string;
}

interface Edges<T> {
  readonly edges: readonly { readonly node: T }[];
}

export interface FilledCustomer {
  readonly customer: DemoCustomer;
  readonly node: string;
  /** By the site's name. */
  readonly sites: ReadonlyMap<string, string>;
}

/** Hierarchy, numbers and the macro. */
export async function fillInventory(client: GraphQLClient, provider: string): Promise<FilledCustomer[]> {
  const reseller = await node(client, provider, 'RESELLER', RESELLER);
  const filled: FilledCustomer[] = [];
  for (const customer of CUSTOMERS) {
    const id = await node(client, reseller, 'CUSTOMER', customer.name);
    const sites = new Map<string, string>();
    for (const site of customer.sites) {
      const siteId = await node(client, id, 'SITE', site.name);
      sites.set(site.name, siteId);
      await numbers(client, siteId, site);
    }
    filled.push({ customer, node: id, sites });
  }
  return filled;
}

async function node(client: GraphQLClient, parent: string, type: string, name: string): Promise<string> {
  const existing = await client.run<Edges<Named & { parent: { id: string } | null }>>(
    `query DemoNodes($parent: ID!, $type: HierarchyNodeType) {
      hierarchyNodes(within: $parent, type: $type, first: 500) { edges { node { id name parent { id } } } }
    }`,
    { parent, type },
  );
  const found = existing.edges.find((edge) => edge.node.name === name && edge.node.parent?.id === parent);
  if (found) return found.node.id;
  const made = await client.run<{ hierarchyNode: Named }>(
    `mutation DemoNode($input: CreateHierarchyNodeInput!) {
      createHierarchyNode(input: $input) { hierarchyNode { id name } userErrors { code message } }
    }`,
    { input: { parent, type, name } },
  );
  return made.hierarchyNode.id;
}

async function numbers(client: GraphQLClient, siteId: string, site: DemoSite): Promise<void> {
  const summary = await client.run<{ total: number }>(
    'query DemoSummary($within: ID!) { numberSummary(within: $within) { total } }',
    { within: siteId },
  );
  if (summary.total === 0) {
    await client.run(
      `mutation DemoNumbers($input: AddNumbersInput!) {
        addNumbers(input: $input) { existing userErrors { code message } }
      }`,
      {
        input: {
          node: siteId,
          range: { start: site.firstNumber, end: numberAfter(site.firstNumber, NUMBERS_PER_SITE - 1) },
        },
      },
    );
  }
  if (site.cooling) {
    await client.run(
      `mutation DemoCooling($input: SetMacroInput!) {
        setMacro(input: $input) { macro { value } userErrors { code message } }
      }`,
      { input: { node: siteId, name: 'audiocodes_cooling_duration', value: site.cooling } },
    );
  }
}

/** What a simulated routing manager is reached by in this run; its password is made anew at every start. */
export interface Reach {
  readonly routingManager: string;
  readonly username: string;
  readonly password: string;
}

/** The connection of a customer with its syncs switched on. @returns its id */
export async function fillConnection(client: GraphQLClient, filled: FilledCustomer, reach: Reach): Promise<string> {
  const { name, authenticationMethod } = filled.customer.routingManager;
  const existing = await client.run<Edges<Named>>(
    `query DemoConnections($within: ID!) {
      audioCodesConnections(within: $within, first: 500) { edges { node { id name } } }
    }`,
    { within: filled.node },
  );
  const id = existing.edges.find((edge) => edge.node.name === name)?.node.id;
  const settings = { ...reach, authenticationMethod, tlsVerify: false };
  const saved = id
    ? await client.run<Saved>(
        `mutation DemoReconnect($input: UpdateAudioCodesConnectionInput!) {
          updateAudioCodesConnection(input: $input) { connection { ${SAVED} } userErrors { code message } }
        }`,
        { input: { id, ...settings, acceptNewCertificate: true } },
      )
    : await client.run<Saved>(
        `mutation DemoConnect($input: CreateAudioCodesConnectionInput!) {
          createAudioCodesConnection(input: $input) { connection { ${SAVED} } userErrors { code message } }
        }`,
        { input: { node: filled.node, name, ...settings, syncOnSave: true } },
      );
  await switchOn(client, saved);
  return saved.connection.id;
}

interface Saved {
  readonly connection: {
    readonly id: string;
    readonly dataSyncs: readonly { readonly id: string; readonly kind: string; readonly enabled: boolean }[];
    readonly schedule: { readonly id: string; readonly enabled: boolean; readonly cron: string };
  };
}

const SAVED = 'id dataSyncs { id kind enabled } schedule { id enabled cron }';

async function switchOn(client: GraphQLClient, { connection }: Saved): Promise<void> {
  const sync = connection.dataSyncs.find(({ kind, enabled }) => kind === 'SYNC' && !enabled);
  if (sync) {
    await client.run(
      'mutation DemoSync($input: UpdateDataSyncInput!) { updateDataSync(input: $input) { userErrors { code message } } }',
      { input: { id: sync.id, enabled: true } },
    );
  }
  if (!connection.schedule.enabled) {
    await client.run(
      'mutation DemoSchedule($input: UpdateScheduleInput!) { updateSchedule(input: $input) { userErrors { code message } } }',
      { input: { id: connection.schedule.id, cron: '* * * * *', enabled: true } },
    );
  }
}
