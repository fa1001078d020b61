/** Pages of 100 out of a large inventory, through gateway and HTTP, at rest and while a sync writes. */
import { performance } from 'node:perf_hooks';
import { createCustomer, createNode, connect, ended, queueRun } from '../../world/steps.js';
import { openSingleProcess, type SingleProcess } from '../../world/single-process.js';
import { printResult, type Figure } from '../result.js';
import { startSimulator } from '../simulator.js';
import { startAsker, type Asker } from './asker.js';
import type { Asked } from './asker-process.js';
import { fill, type Place } from './numbers.js';
import { nothing, questionsOf, summaries, type Question } from './questions.js';

const NUMBERS = Number(process.env['PAGES_NUMBERS'] ?? 1_000_000);
const USERS = Number(process.env['PAGES_USERS'] ?? 100_000);
/** How often each page is asked for at rest. */
const ROUNDS = Number(process.env['PAGES_ROUNDS'] ?? 3);
const PAGE_TARGET = 30;
const SUMMARY_TARGET = 20;
/** One number in so many belongs to the small customer. */
const SMALL_SHARE = 1_000;

export async function run(): Promise<void> {
  const simulator = await startSimulator(USERS);
  const world = await openSingleProcess({ LOG_LEVEL: 'warn' });
  const asker = startAsker();
  try {
    const { nodes, placeAt, owner } = await makePlaces(world);
    const begun = performance.now();
    await fill(world.store('number-inventory'), NUMBERS, placeAt);
    console.log(`${NUMBERS} numbers stored in ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
    const questions = questionsOf(NUMBERS, nodes, placeAt, 1);
    const atRest = await ask(world, asker, owner, questions, nodes, questions.length * ROUNDS);
    const { sync } = await connect(world.client(), owner, 'bench', simulator);
    const id = await queueRun(world.client(), sync);
    const asking = ask(world, asker, owner, questions, nodes, Number.MAX_SAFE_INTEGER);
    const written = performance.now();
    const { state } = await ended(world.client(), id, 900_000);
    const seconds = (performance.now() - written) / 1_000;
    asker.stop();
    const whileSyncing = await asking;
    if (state !== 'SUCCEEDED') throw new Error(`the sync ended ${state}`);
    printResult('pages', [
      ...figures('at rest', atRest),
      ...figures(`while a sync of ${USERS} users writes (${seconds.toFixed(0)} s)`, whileSyncing),
    ]);
  } finally {
    asker.close();
    await world.close();
    simulator.stop();
  }
}

async function makePlaces(world: SingleProcess) {
  const client = world.client();
  const { reseller, customer, sites } = await createCustomer(world, 'Large', 4);
  const other = await createNode(client, reseller, 'CUSTOMER', 'Small');
  const place = (owner: string, ...below: string[]): Place => {
    const path = [world.provider, reseller, owner, ...below].join('.');
    return { customer: owner, node: below.at(-1) ?? owner, path };
  };
  const large = [place(customer), ...sites.map((site) => place(customer, site))];
  const small = place(other);
  const placeAt = (index: number): Place =>
    index % SMALL_SHARE === 0 ? small : (large[Math.floor(index / 1_000) % large.length] ?? small);
  const nodes = { provider: world.provider, customer, site: sites[0] ?? '', 'small customer': other };
  return { nodes, placeAt, owner: other };
}

/** Ask pages, with summaries and next to nothing in between. */
async function ask(
  world: SingleProcess,
  asker: Asker,
  node: string,
  pages: readonly Question[],
  nodes: Readonly<Record<string, string>>,
  most: number,
): Promise<Asked> {
  const between = [...summaries(nodes), nothing(node)];
  const questions = pages.flatMap((page, index) => {
    const other = between[index % (4 * between.length)];
    return other ? [page, other] : [page];
  });
  return asker.ask({ url: world.url, key: world.adminKey, questions, most });
}

function figures(when: string, asked: Asked): Figure[] {
  const named = (wanted: (name: string) => boolean) => Object.entries(asked).filter(([name]) => wanted(name));
  const isSummary = (name: string) => name.startsWith('summary');
  const times = (entries: [string, readonly number[]][]) => entries.flatMap(([, each]) => each);
  const pages = named((name) => !isSummary(name) && name !== 'nothing');
  const base = percentile(asked['nothing'] ?? [], 99);
  const p99 = percentile(times(pages), 99);
  const summary = percentile(times(named(isSummary)), 99);
  const against = `the same way for next to nothing: ${base.toFixed(1)} ms`;
  const slowest = [...pages].sort(([, a], [, b]) => median(b) - median(a)).slice(0, 8);
  console.log(`Slowest questions by their median, ${when}:`);
  for (const [name, each] of slowest) console.log(`  ${median(each).toFixed(1)} ms  ${name}`);
  return [
    {
      name: `page of 100, p99 of ${times(pages).length}, ${when}`,
      value: p99,
      unit: 'ms',
      against,
      ratio: p99 / base,
      target: `< ${PAGE_TARGET} ms`,
      met: p99 < PAGE_TARGET,
    },
    {
      name: `page of 100, median, ${when}`,
      value: median(times(pages)),
      unit: 'ms',
      target: 'for information',
      met: true,
    },
    {
      name: `slowest question, its median, ${when}`,
      value: median(slowest[0]?.[1] ?? []),
      unit: 'ms',
      target: `< ${PAGE_TARGET} ms`,
      met: median(slowest[0]?.[1] ?? []) < PAGE_TARGET,
    },
    {
      name: `summary, p99, ${when}`,
      value: summary,
      unit: 'ms',
      against,
      ratio: summary / base,
      target: `< ${SUMMARY_TARGET} ms`,
      met: summary < SUMMARY_TARGET,
    },
  ];
}

function median(times: readonly number[]): number {
  return percentile(times, 50);
}

function percentile(times: readonly number[], percent: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? 0;
}
