/** The federated list query: our gateway, in one process and over HTTP, against Apollo's over HTTP, asked in turns on the same machine. */
import { printResult } from '../result.js';
import type { Figure } from '../result.js';
import { start } from './child.js';
import type { Child } from './child.js';
import type { Load } from './load.js';

const rounds = 5;
const roundMilliseconds = 2_000;
const warmUpMilliseconds = 1_500;
const connections = 16;
/** Times the requests of the peer. Over HTTP both ask the same servers, which take their share of the machine. */
const targets = { inProcess: 3, overHttp: 1 };

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
    const overHttp = (await open('./ours.js', JSON.stringify(urls))) as { url: string };
    const stock = (await open('./stock.js', JSON.stringify(urls))) as { url: string };
    const contenders: readonly [Contender, Contender, Contender] = [
      { name: 'numberyard gateway, in process', url: ours.url, loads: [] },
      { name: 'numberyard gateway over HTTP', url: overHttp.url, loads: [] },
      { name: 'stock Apollo gateway over HTTP', url: stock.url, loads: [] },
    ];
    const digests = new Set<string>();
    for (const { url } of contenders) digests.add((await load(url, warmUpMilliseconds)).digest);
    if (digests.size !== 1) throw new Error('The contenders answer differently.');
    // In turns, so that whatever else the machine does meets them all.
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

function report([ours, overHttp, stock]: readonly [Contender, Contender, Contender]): void {
  const rate = (contender: Contender): number =>
    median(contender.loads.map(({ requestsPerSecond }) => requestsPerSecond));
  const p99 = (contender: Contender): number => median(contender.loads.map((one) => one.p99));
  const figures = ([contender, where, target]: readonly [Contender, string, number]): readonly Figure[] => {
    const ratio = rate(contender) / rate(stock);
    return [
      {
        name: `list of 20 items, 2 joins each, ${where}`,
        value: rate(contender),
        unit: 'requests/s',
        against: `${stock.name}: ${rate(stock).toFixed(0)} requests/s`,
        ratio,
        target: `>= ${target} x`,
        met: ratio >= target,
      },
      {
        name: `p99 with ${connections} connections, ${where}`,
        value: p99(contender),
        unit: 'ms',
        against: `${stock.name}: ${p99(stock).toFixed(1)} ms`,
        ratio: p99(contender) / p99(stock),
        target: 'below the peer',
        met: p99(contender) < p99(stock),
      },
    ];
  };
  const rows = [
    [ours, 'in process', targets.inProcess],
    [overHttp, 'over HTTP', targets.overHttp],
  ] as const;
  printResult('gateway', rows.flatMap(figures));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
