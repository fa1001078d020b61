/** An audit of a large customer: a dry run, a direct one, and one that has nothing left to correct, beside one plain ordered read of the same lists. */
import { performance } from 'node:perf_hooks';
import { numberServices } from '@numberyard/audit/models/number-services';
import { registeredUsers } from '@numberyard/connections/models/registered-users';
import type { Collection } from '@numberyard/kit/storage/collection';
import type { Doc, PagePosition, Save, Store } from '@numberyard/kit/storage/port';
import { numbers } from '@numberyard/number-inventory/models/number';
import { put, saveNew, saveService, saveUser, type Place } from '../../audit/documents.js';
import { auditEnded, startAudit, type AuditOutcome } from '../../audit/steps.js';
import { connect, createCustomer } from '../../world/steps.js';
import type { World } from '../../world/world.js';
import { printResult, type Figure } from '../result.js';
import { driftedAt, type DriftedPlaces, type DriftedSize } from './drifted.js';
import { openBenchPlace } from './place.js';
import { CountedCommits } from './counted-commits.js';

const SIZE: DriftedSize = {
  numbers: Number(process.env['AUDIT_NUMBERS'] ?? 1_000_000),
  differences: Number(process.env['AUDIT_DIFFERENCES'] ?? 10_000),
  standing: 100,
};
const ENGINE = process.env['AUDIT_ENGINE'] ?? 'embedded';
const TARGET_SECONDS = 180;
const TARGET_MIB = 64;
const MIB = 1024 * 1024;
const PAGE = 500;

export async function run(): Promise<void> {
  const { engine, world, close } = await openBenchPlace(ENGINE);
  try {
    const places = await prepare(world);
    const stores = [world.store('number-inventory'), world.store('connections'), world.store('audit')] as const;
    const begun = performance.now();
    for (const [index, part] of (['number', 'user', 'service'] as const).entries())
      await put(stores[index] as Store, saves(part, places));
    console.log(
      `${SIZE.numbers} numbers on ${engine}, stored in ${((performance.now() - begun) / 1_000).toFixed(1)} s`,
    );
    const input = { customer: places.customer.node, level: 'CUSTOMER' } as const;
    const dry = await measure(world, { ...input, dryRun: true });
    const read = await plainRead(stores, places);
    const direct = await measure(world, input);
    const counted = new CountedCommits(stores);
    const second = await measure(world, input);
    report({ dry, direct, second, read, counted: counted.stop() });
  } finally {
    await close();
  }
}

async function prepare(world: World): Promise<DriftedPlaces> {
  const { customer, reseller, sites } = await createCustomer(world, 'Large', 4);
  const nobody = { address: '127.0.0.1:9', username: 'operator', password: 'of nobody' };
  const { id } = await connect(world.client(), customer, 'bench', nobody);
  const place = (...below: string[]): Place => ({
    customer,
    node: below[0] ?? customer,
    path: [world.provider, reseller, customer, ...below].join('.'),
  });
  return { customer: place(), sites: sites.map((site) => place(site)), connection: id };
}

function* saves(part: 'number' | 'user' | 'service', places: DriftedPlaces): Iterable<Save> {
  for (let index = 0; index < SIZE.numbers; index += 1) {
    const { number, user, service } = driftedAt(index, SIZE, places);
    if (part === 'number' && number) yield saveNew(number);
    if (part === 'user' && user) yield saveUser(user);
    if (part === 'service' && service) yield saveService(service);
  }
}

interface Measured {
  readonly outcome: AuditOutcome;
  readonly seconds: number;
  /** Of all threads of the process: what a loaded machine does not change. */
  readonly cpuSeconds: number;
  /** Of heap and buffers in use, above what was when it began, at most. */
  readonly addedMiB: number;
  readonly peakRssMiB: number;
}

async function measure(world: World, input: Parameters<typeof startAudit>[1]): Promise<Measured> {
  globalThis.gc?.();
  const before = held();
  let [peak, rss] = [before, 0];
  const look = setInterval(() => {
    peak = Math.max(peak, held());
    rss = Math.max(rss, process.memoryUsage.rss());
  }, 20);
  try {
    const cpu = process.cpuUsage();
    const begun = performance.now();
    const id = await startAudit(world.client(), input);
    // Asked seldom, so that the asking is no part of what is measured.
    while (await isUnderWay(world, id)) await new Promise((resolve) => setTimeout(resolve, 100));
    const seconds = (performance.now() - begun) / 1_000;
    const { user, system } = process.cpuUsage(cpu);
    const outcome = await auditEnded(world.client(), id);
    if (outcome.state !== 'SUCCEEDED') throw new Error(`the audit ${outcome.state}: ${outcome.error?.message}`);
    const cpuSeconds = (user + system) / 1e6;
    return { outcome, seconds, cpuSeconds, addedMiB: (peak - before) / MIB, peakRssMiB: rss / MIB };
  } finally {
    clearInterval(look);
  }
}

async function isUnderWay(world: World, id: string): Promise<boolean> {
  const { state } = await world
    .client()
    .ask<{ state: string }>('query($id: ID!) { auditRun(id: $id) { state } }', { id });
  return state === 'QUEUED' || state === 'RUNNING';
}

/** What is in use, garbage included: what the process has had of the system before says nothing of an audit. */
function held(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Seconds that reading all of it in order takes, page by page, and nothing else. */
async function plainRead(
  [inventory, connections, audit]: readonly [Store, Store, Store],
  { customer, connection }: DriftedPlaces,
): Promise<number> {
  const begun = performance.now();
  const read =
    (await readAll(inventory, numbers, 'byNumber', customer.node)) +
    (await readAll(connections, registeredUsers, 'inUse', connection)) +
    (await readAll(audit, numberServices, 'byNumber', customer.node));
  if (read < SIZE.numbers) throw new Error(`only ${read} documents were read`);
  return (performance.now() - begun) / 1_000;
}

async function readAll<D extends Doc>(
  store: Store,
  collection: Collection<D>,
  key: string,
  of: string,
): Promise<number> {
  let count = 0;
  let after: PagePosition | undefined;
  do {
    const page = await store.find(collection, { key, equals: [of], limit: PAGE, ...(after && { after }) });
    count += page.items.length;
    after = page.after;
  } while (after);
  return count;
}

interface Measures {
  readonly dry: Measured;
  readonly direct: Measured;
  readonly second: Measured;
  readonly read: number;
  /** Of the second audit, by subgraph. */
  readonly counted: ReadonlyMap<string, { readonly commits: number; readonly documents: ReadonlyMap<string, number> }>;
}

function report({ dry, direct, second, read, counted }: Measures): void {
  const time = (name: string, { seconds }: Measured): Figure => ({
    name,
    value: seconds,
    unit: 's',
    against: `one plain ordered read of the same lists: ${read.toFixed(1)} s`,
    ratio: seconds / read,
    target: `< ${TARGET_SECONDS} s`,
    met: seconds < TARGET_SECONDS,
  });
  const exactly = (name: string, value: number, wanted: number): Figure => ({
    name,
    value,
    unit: '',
    target: String(wanted),
    met: value === wanted,
  });
  const corrected = ({ outcome: { counts } }: Measured) => counts.created + counts.updated;
  const found = ({ outcome }: Measured) => outcome.findingCounts.reduce((sum, { count }) => sum + count, 0);
  for (const [name, { commits, documents }] of counted)
    console.log(
      `second audit, ${name}: ${commits} commits, ${[...documents].map((each) => each.join(' ')).join(', ')}`,
    );
  const wrote = (name: string) => counted.get(name)?.documents ?? new Map<string, number>();
  const peak = Math.max(...[dry, direct, second].map(({ addedMiB }) => addedMiB));
  printResult('audit', [
    time(`dry run of ${SIZE.numbers} numbers, ${SIZE.differences} differences`, dry),
    time('direct run', direct),
    time('second audit', second),
    {
      name: 'CPU of all threads of the direct run',
      value: direct.cpuSeconds,
      unit: 's',
      target: 'for information',
      met: true,
    },
    exactly('differences the dry run proposed', corrected(dry), SIZE.differences),
    exactly('differences the direct run corrected', corrected(direct), SIZE.differences),
    exactly('findings of the second audit', found(second), SIZE.standing),
    exactly('numbers the second audit wrote', wrote('number-inventory').get('numbers') ?? 0, 0),
    exactly(
      'documents of connections it wrote',
      [...wrote('connections').values()].reduce((a, b) => a + b, 0),
      0,
    ),
    {
      name: 'memory an audit adds at its peak',
      value: peak,
      unit: 'MiB',
      target: `< ${TARGET_MIB} MiB`,
      met: peak < TARGET_MIB,
    },
    {
      name: 'resident set at its peak',
      value: Math.max(...[dry, direct, second].map(({ peakRssMiB }) => peakRssMiB)),
      unit: 'MiB',
      target: 'for information',
      met: true,
    },
  ]);
}
