/** kill -9 at random moments of audits: each goes on, or is FAILED with what it had done; what was corrected and what was found agree exactly. */
import { SERVICE_KINDS, type NumberService, type ServiceKind } from '@numberyard/audit/domain/number-service';
import { collections as auditCollections } from '@numberyard/audit/main';
import { activeAudits, auditBatches, auditRuns } from '@numberyard/audit/models/audit-runs';
import { numberServices } from '@numberyard/audit/models/number-services';
import { openEmbeddedStore } from '@numberyard/kit/storage/embedded/open';
import type { Collection } from '@numberyard/kit/storage/collection';
import { asRead, type Doc, type Store } from '@numberyard/kit/storage/port';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { collections as numberCollections } from '@numberyard/number-inventory/main';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { correctionsFound, correctionsInHistory } from '../audit/agreement.js';
import { numberService, put, saveService, type Place } from '../audit/documents.js';
import { askAudit, audit, auditEnded, type AuditOutcome } from '../audit/steps.js';
import { allDocuments } from '../world/all-documents.js';
import { ApiClient } from '../world/client.js';
import { createNode } from '../world/steps.js';
import { checkStore } from './check.js';
import { startServer, type Server } from './server.js';

export interface AuditKills {
  /** How many times the server is killed. */
  readonly points: number;
  readonly random: () => number;
  /** How many numbers services may use. */
  readonly numbers?: number;
  /** Longest a process lives after it serves, milliseconds. */
  readonly longestLife?: number;
}

export interface KilledAudits {
  /** Runs by the state they ended in. */
  readonly states: Readonly<Record<string, number>>;
  /** All corrections that were found and told alike. */
  readonly corrections: number;
  /** Kills that struck while corrections were on their way. */
  readonly handedOver: number;
}

const KINDS = (Object.keys(SERVICE_KINDS) as ServiceKind[]).filter((kind) => kind !== 'MULTI_VENDOR_PHONE');

/** @throws Error with what disagrees, and what the last server printed */
export async function killAudits({
  points,
  random,
  numbers = 3_000,
  longestLife = 600,
}: AuditKills): Promise<KilledAudits> {
  const folder = await mkdtemp(join(tmpdir(), 'numberyard-audit-kill-'));
  const key = `ny_${randomBytes(24).toString('base64url')}`;
  let server: Server | undefined;
  let handedOver = 0;
  try {
    server = await startServer(folder, key);
    const customer = await createCustomer(new ApiClient(server.url, key));
    const start = async () => {
      server = await startServer(folder, key);
      return new ApiClient(server.url, key);
    };
    for (let point = 0; point < points; point += 1) {
      await server.kill();
      const state = await check(folder, customer.customer, point);
      handedOver += state.onTheirWay;
      if (!state.active && state.right) await drift(folder, customer, numbers, random);
      const client = await start();
      // Where one runs, it goes on; this is refused then.
      await askAudit(client, { customer: customer.customer, level: 'CUSTOMER' });
      // Most lives see it come further, so that it gets somewhere on a machine of any speed.
      if (random() < 0.7) await goesOn(client);
      await delay(random() * longestLife);
    }
    await server.kill();
    const client = await start();
    for (const { id } of await runsOf(client)) await auditEnded(client, id, 120_000);
    const last = await audit(client, { customer: customer.customer, level: 'CUSTOMER' });
    if (last.state !== 'SUCCEEDED') throw new Error('the last audit, which nobody killed, did not succeed');
    const runs = await runsOf(client);
    await server.kill();
    await check(folder, customer.customer, points);
    const states: Record<string, number> = {};
    for (const { state } of runs) states[state] = (states[state] ?? 0) + 1;
    const corrections = runs.reduce((sum, { counts }) => sum + counts.created + counts.updated, 0);
    return { states, corrections, handedOver };
  } catch (error) {
    throw new Error(`the last server printed:\n${server?.printed.slice(-30).join('\n')}`, { cause: error });
  } finally {
    await server?.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

type KilledRun = Pick<AuditOutcome, 'id' | 'state' | 'counts' | 'progress'>;

/** Newest first. */
async function runsOf(client: ApiClient): Promise<KilledRun[]> {
  const { edges } = await client.ask<{ edges: { node: KilledRun }[] }>(
    '{ auditRuns(first: 500) { edges { node { id state counts { created updated } progress { compared } } } } }',
  );
  return edges.map(({ node }) => node);
}

/** Resolves when the newest audit has come further than it was, or has ended. */
async function goesOn(client: ApiClient): Promise<void> {
  const [before] = await runsOf(client);
  await waitUntil('the audit to come further', async () => {
    const [now] = await runsOf(client);
    return !['QUEUED', 'RUNNING'].includes(now?.state ?? '') || now?.progress.compared !== before?.progress.compared;
  });
}

async function createCustomer(client: ApiClient): Promise<Place> {
  const { edges } = await client.ask<{ edges: { node: { id: string } }[] }>(
    '{ hierarchyNodes(type: PROVIDER) { edges { node { id } } } }',
  );
  const provider = edges[0]?.node.id ?? '';
  const reseller = await createNode(client, provider, 'RESELLER', 'Reseller');
  const customer = await createNode(client, reseller, 'CUSTOMER', 'Customer');
  return { customer, node: customer, path: [provider, reseller, customer].join('.') };
}

/** Other services than before: numbers come to be used, change what uses them, and are used no more. */
async function drift(folder: string, at: Place, numbers: number, random: () => number): Promise<void> {
  const store = await openEmbeddedStore({ folder, name: 'audit', collections: auditCollections });
  try {
    const old = await allDocuments(store, numberServices, 'byNodeName', [at.customer]);
    for (let from = 0; from < old.length; from += 500) {
      const remove = old.slice(from, from + 500).map((service) => asRead(numberServices, service));
      await store.commit({ remove, trusted: true });
    }
    const services: NumberService[] = [];
    for (let index = 0; index < numbers; index += 1) {
      if (random() < 0.5) continue;
      const kind = KINDS[Math.floor(random() * KINDS.length)] ?? 'MEET_ME';
      const mac = SERVICE_KINDS[kind].mac && { mac: index.toString(16).toUpperCase().padStart(12, '0') };
      services.push(numberService(at, kind, `+4930${100_000 + index}`, `${kind} ${index}`, mac || {}));
    }
    await put(store, services.map(saveService));
  } finally {
    await store.close();
  }
}

interface Checked {
  readonly active: boolean;
  /** Whether the last run has succeeded, so that nothing is left to correct. */
  readonly right: boolean;
  /** 1: it was killed between a batch being handed over and its findings. */
  readonly onTheirWay: number;
}

/** @throws Error that tells what does not agree */
async function check(folder: string, customer: string, point: number): Promise<Checked> {
  const opened: Store[] = [];
  try {
    const open = async (name: string, collections: readonly Collection<Doc>[]) => {
      const store = await openEmbeddedStore({ folder, name, collections });
      opened.push(store);
      return store;
    };
    const inventory = await open('number-inventory', numberCollections);
    const audits = await open('audit', auditCollections);
    const problems = [...(await checkStore(inventory, [])), ...(await audits.verify())];
    const history = await correctionsInHistory(inventory);
    const runs = await allDocuments(audits, auditRuns, 'byNodeAndTime', [customer]);
    const active = await audits.get(activeAudits, customer);
    let onTheirWay = 0;
    for (const run of runs) {
      const corrected = history.get(run.id) ?? [];
      const found = await correctionsFound(audits, run.id);
      const batch = await audits.get(auditBatches, run.id);
      const ended = !['QUEUED', 'RUNNING'].includes(run.state);
      if (ended !== (active?.run !== run.id)) problems.push(`run ${run.id} is ${run.state}, active is ${active?.run}`);
      if (ended && batch) problems.push(`run ${run.id} is ${run.state} with corrections on their way`);
      const pending = new Set(batch?.numbers.map(({ number }) => number));
      const missing = unmatched(corrected, found).filter((each) => !pending.has(each.split(' ')[1] ?? ''));
      if (missing.length > 0) problems.push(`run ${run.id} corrected without a finding: ${missing.join(', ')}`);
      const untrue = unmatched(found, corrected);
      if (untrue.length > 0) problems.push(`run ${run.id} found what it did not correct: ${untrue.join(', ')}`);
      const counted = run.counts.created + run.counts.updated;
      if (counted !== found.length) problems.push(`run ${run.id} counts ${counted} and found ${found.length}`);
      if (corrected.length !== found.length) onTheirWay = 1;
    }
    if (problems.length > 0) throw new Error(`after kill ${point}: ${problems.slice(0, 5).join('\n')}`);
    const newest = [...runs].sort((a, b) => (a.queuedAt < b.queuedAt ? 1 : -1))[0];
    return { active: active !== undefined, right: !newest || newest.state === 'SUCCEEDED', onTheirWay };
  } finally {
    for (const store of opened) await store.close();
  }
}

/** What is in the first list and, as often, not in the second. */
function unmatched(these: readonly string[], those: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const each of those) left.set(each, (left.get(each) ?? 0) + 1);
  return these.filter((each) => {
    const count = left.get(each) ?? 0;
    left.set(each, count - 1);
    return count <= 0;
  });
}
