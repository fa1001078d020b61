/** The federated list query: our gateway in one process against Apollo's over HTTP, asked in turns on the same machine. */
import { printResult } from '../result.js';
import { start } from './child.js';
import type { Child } from './child.js';
import type { Load } from './load.js';

const rounds = 5;
const roundMilliseconds = 2_000;
const warmUpMilliseconds = 1_500;
const connections = 16;
const target = 3;

interface Contender {
  readonly name: string;
  readonly url: string;
  readonly loads: Load[];
}

export async function run(): Promise<void> {
  const children: Child[] = [];
  const open = async (module: string, ...args: string[]): Promise<unknown> => {
    const child = await start(module, args);
    children.push(child);
    return child.told;
  };
  try {
    const ours = (await open('./ours.js')) as { url: string };
    const { urls } = (await open('./stock-subgraphs.js')) as { urls: Record<string, string> };
    const stock = (await open('./stock.js', JSON.stringify(urls))) as { url: string };
    const contenders: readonly [Contender, Contender] = [
      { name: 'numberyard gateway, in process', url: ours.url, loads: [] },
      { name: 'stock Apollo gateway over HTTP', url: stock.url, loads: [] },
    ];
    const digests = new Set<string>();
    for (const { url } of contenders) digests.add((await load(url, warmUpMilliseconds)).digest);
    if (digests.size !== 1) throw new Error('The contenders answer differently.');
    // In turns, so that whatever else the machine does meets both.
    for (let round = 0; round < rounds; round += 1) {
      for (const { url, loads } of contenders) loads.push(await load(url, roundMilliseconds));
    }
    report(contenders);
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}

async function load(url: string, milliseconds: number): Promise<Load> {
  const child = await start('./load.js', [url, String(milliseconds), String(connections)]);
  await child.stop();
  return child.told as Load;
}

function report([ours, stock]: readonly [Contender, Contender]): void {
  const rate = (contender: Contender): number =>
    median(contender.loads.map(({ requestsPerSecond }) => requestsPerSecond));
  const p99 = (contender: Contender): number => median(contender.loads.map((one) => one.p99));
  const ratio = rate(ours) / rate(stock);
  printResult('gateway', [
    {
      name: 'list of 20 items, 2 joins each',
      value: rate(ours),
      unit: 'requests/s',
      against: `${stock.name}: ${rate(stock).toFixed(0)} requests/s`,
      ratio,
      target: `>= ${target} x`,
      met: ratio >= target,
    },
    {
      name: `p99 with ${connections} connections`,
      value: p99(ours),
      unit: 'ms',
      against: `${stock.name}: ${p99(stock).toFixed(1)} ms`,
      ratio: p99(ours) / p99(stock),
      target: 'below the peer',
      met: p99(ours) < p99(stock),
    },
  ]);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
