/**
 * The demo's audits: services beside the registered devices, and one dry run of each customer that finds what is wrong with them. A customer that has been
 * audited is left as it is.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { readOperation } from '@numberyard/schema/operations';
import type { GraphQLClient } from './client.js';
import { connectionOf, type FilledCustomer } from './fill.js';
import type { DemoService } from './world.js';

export interface DemoAudit {
  /** Name of the customer. */
  readonly customer: string;
  /** Id of its newest run. */
  readonly run: string;
}

interface Edges<T> {
  readonly edges: readonly { readonly node: T }[];
}
type Id = { readonly id: string };

/** How long the first sync is waited for, milliseconds: an audit is as true as the syncs before it, but the demo starts without them as well. */
const PATIENCE = 5_000;
const LOOK_EVERY = 100;

/** The newest audit of a customer, or its first one: what that is to find is made, and it is started. */
export async function fillAudit(client: GraphQLClient, filled: FilledCustomer): Promise<DemoAudit> {
  const { customer, node } = filled;
  const { edges } = await client.run<Edges<Id>>(readOperation('DemoAudits'), { customer: node });
  const newest = edges[0]?.node.id;
  if (newest !== undefined) return { customer: customer.name, run: newest };
  await fillServices(client, filled);
  await reserve(client, node, customer.reserved);
  await firstSync(client, filled);
  const { auditRun } = await client.run<{ auditRun: Id }>(readOperation('StartAudit'), {
    input: { customer: node, level: 'SITE', dryRun: true },
  });
  return { customer: customer.name, run: auditRun.id };
}

async function fillServices(client: GraphQLClient, { customer, node, sites }: FilledCustomer): Promise<void> {
  const { edges } = await client.run<Edges<DemoService>>(readOperation('DemoServices'), { within: node });
  const known = new Set(edges.map((edge) => keyOf(edge.node)));
  for (const service of customer.services) {
    if (known.has(keyOf(service))) continue;
    const { site, ...input } = service;
    await client.run(readOperation('CreateService'), { input: { node: sites.get(site), ...input } });
  }
}

function keyOf({ kind, name, cluster }: Pick<DemoService, 'kind' | 'name'> & { cluster?: string | null }): string {
  return JSON.stringify([kind, name, cluster ?? '']);
}

async function reserve(client: GraphQLClient, customer: string, number: string): Promise<void> {
  const found = await client.run<(Id & { status: string }) | null>(readOperation('NumberByValue'), {
    customer,
    number,
  });
  if (found?.status !== 'AVAILABLE') return;
  await client.run(readOperation('ReserveNumbers'), { input: { ids: [found.id] } });
}

async function firstSync(client: GraphQLClient, filled: FilledCustomer): Promise<void> {
  const connection = await connectionOf(client, filled);
  if (connection === undefined) return;
  const end = performance.now() + PATIENCE;
  while (performance.now() < end) {
    const { edges } = await client.run<Edges<Id>>(readOperation('DemoSyncs'), { connection });
    if (edges.length > 0) return;
    await delay(LOOK_EVERY);
  }
}
