/**
 * Fills the demo through the public API. Every step looks before it makes, so a start that was interrupted is completed by the next, and what a reader
 * has changed since stays changed.
 */
import { readOperation } from '@numberyard/schema/operations';
import type { GraphQLClient } from './client.js';
import { CUSTOMERS, NUMBERS_PER_SITE, numberAfter, RESELLER, type DemoCustomer, type DemoSite } from './world.js';

const COOLING = 'audiocodes_cooling_duration';
const EVERY_MINUTE = '* * * * *';

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
  const existing = await client.run<Edges<Named & { parent: { id: string } | null }>>(readOperation('DemoNodes'), {
    parent,
    type,
  });
  const found = existing.edges.find((edge) => edge.node.name === name && edge.node.parent?.id === parent);
  if (found) return found.node.id;
  const made = await client.run<{ hierarchyNode: Named }>(readOperation('DemoNode'), { input: { parent, type, name } });
  return made.hierarchyNode.id;
}

async function numbers(client: GraphQLClient, siteId: string, site: DemoSite): Promise<void> {
  const summary = await client.run<{ total: number }>(readOperation('DemoSummary'), { within: siteId });
  if (summary.total === 0) {
    await client.run(readOperation('DemoNumbers'), {
      input: {
        node: siteId,
        range: { start: site.firstNumber, end: numberAfter(site.firstNumber, NUMBERS_PER_SITE - 1) },
      },
    });
  }
  if (site.cooling && !(await hasCooling(client, siteId))) {
    await client.run(readOperation('DemoCooling'), { input: { node: siteId, name: COOLING, value: site.cooling } });
  }
}

async function hasCooling(client: GraphQLClient, siteId: string): Promise<boolean> {
  const macros = await client.run<readonly { name: string; setAt: { id: string } | null }[]>(
    readOperation('MacroList'),
    { node: siteId },
  );
  return macros.some(({ name, setAt }) => name === COOLING && setAt?.id === siteId);
}

/** What a simulated routing manager is reached by in this run; its password is made anew at every start. */
export interface Reach {
  readonly routingManager: string;
  readonly username: string;
  readonly password: string;
}

/** The id of a customer's connection, if it has been made. All are asked for, because a node made a moment ago is not known there yet. */
export async function connectionOf(client: GraphQLClient, filled: FilledCustomer): Promise<string | undefined> {
  const existing = await client.run<Edges<Named & { hierarchyNode: { id: string } }>>(readOperation('DemoConnections'));
  const { name } = filled.customer.routingManager;
  return existing.edges.find(({ node: found }) => found.name === name && found.hierarchyNode.id === filled.node)?.node
    .id;
}

/** The connection of a customer with its syncs switched on: the existing one brought up to date, or a new one. */
export async function fillConnection(
  client: GraphQLClient,
  filled: FilledCustomer,
  reach: Reach,
  id: string | undefined,
): Promise<void> {
  const { name, authenticationMethod } = filled.customer.routingManager;
  const settings = { ...reach, authenticationMethod, tlsVerify: false };
  const saved = id
    ? await client.run<Saved>(readOperation('DemoReconnect'), {
        input: { id, ...settings, acceptNewCertificate: true },
      })
    : await client.run<Saved>(readOperation('DemoConnect'), {
        input: { node: filled.node, name, ...settings, syncOnSave: true },
      });
  await switchOn(client, saved);
}

interface Saved {
  readonly connection: {
    readonly id: string;
    readonly dataSyncs: readonly { readonly id: string; readonly kind: string }[];
    readonly schedule: { readonly id: string; readonly enabled: boolean; readonly cron: string };
  };
}

/** The schedule comes last and gets a cron expression of the demo's: one that has it was switched off by somebody else. */
async function switchOn(client: GraphQLClient, { connection: { dataSyncs, schedule } }: Saved): Promise<void> {
  if (schedule.enabled || schedule.cron === EVERY_MINUTE) return;
  const sync = dataSyncs.find(({ kind }) => kind === 'SYNC');
  if (sync) await client.run(readOperation('DemoSync'), { input: { id: sync.id, enabled: true } });
  await client.run(readOperation('DemoSchedule'), {
    input: { id: schedule.id, cron: EVERY_MINUTE, enabled: true },
  });
}
