/** Fan-out of one subscription with two joins to thousands of sockets, beside a bare WebSocket server that sends the same texts. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { printResult, type Figure } from '../result.js';
import type { Received } from './clients.js';
import type { Pace, Spent } from './pace.js';

const clients = Number(process.env['SUBSCRIPTIONS_CLIENTS'] ?? 5_000);
const clientProcesses = 2;
const milliseconds = 5_000;
/** Milliseconds after the last event in which what is under way arrives. */
const settling = 3_000;
const target = { deliveriesPerSecond: 50_000, p99: 250 };
/** Times the target. */
const paces = [0.4, 1, 1.4, 2, 2.8, 4];
const warmUp: Pace = { eventsPerSecond: 5, milliseconds: 4_000 };

interface Measured {
  readonly deliveriesPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Of the server, microseconds for a delivery. */
  readonly cpu: number;
  readonly isComplete: boolean;
}

export async function run(): Promise<void> {
  const ours = await contender('./ours.js');
  const bare = await contender('./bare.js');
  const [own, peer] = [capacityOf(ours), capacityOf(bare)];
  const [p99, peerP99] = [ours, bare].map((measured) => measured[paces.indexOf(1)]?.p99 ?? Infinity) as [
    number,
    number,
  ];
  const [cost, peerCost] = [ours, bare].map((measured) => Math.min(...measured.map(({ cpu }) => cpu))) as [
    number,
    number,
  ];
  const figures: Figure[] = [
    {
      name: `deliveries to ${clients} clients, each event joined twice, with p99 below ${target.p99} ms`,
      value: own,
      unit: 'a second',
      against: `bare ws server: ${Math.round(peer)} a second`,
      ratio: own / peer,
      target: `>= ${target.deliveriesPerSecond}`,
      met: own >= 0.99 * target.deliveriesPerSecond,
    },
    {
      name: 'p99 from event to client at the target rate',
      value: p99,
      unit: 'ms',
      against: `bare ws server: ${peerP99} ms`,
      ratio: p99 / peerP99,
      target: `< ${target.p99} ms`,
      met: p99 < target.p99,
    },
    {
      name: "the server's processor time for a delivery",
      value: cost,
      unit: 'µs',
      against: `bare ws server: ${peerCost.toFixed(1)} µs`,
      ratio: cost / peerCost,
      target: `< ${1_000_000 / target.deliveriesPerSecond} µs, one core`,
      met: cost < 1_000_000 / target.deliveriesPerSecond,
    },
  ];
  printResult('subscriptions', figures);
}

/** The fastest pace that was kept in time. */
function capacityOf(measured: readonly Measured[]): number {
  const kept = measured.filter(({ isComplete, p99 }) => isComplete && p99 < target.p99);
  return Math.max(0, ...kept.map(({ deliveriesPerSecond }) => deliveriesPerSecond));
}

/** Measured at each pace until one is not kept. */
async function contender(module: string): Promise<Measured[]> {
  const children: ChildProcess[] = [];
  const open = async (name: string, args: readonly string[] = []): Promise<[ChildProcess, unknown]> => {
    const child = fork(fileURLToPath(new URL(name, import.meta.url)), args, {
      env: { ...process.env, NODE_ENV: 'production' },
    });
    children.push(child);
    return [child, await told(child)];
  };
  try {
    const [server, address] = await open(module);
    const { url } = address as { url: string };
    const shares = Array.from({ length: clientProcesses }, () => String(clients / clientProcesses));
    const opened = await Promise.all(shares.map((share) => open('./clients.js', [url, share])));
    const load = opened.map(([child]) => child);
    await measure(server, load, warmUp);
    const measured: Measured[] = [];
    for (const times of paces) {
      const pace = { eventsPerSecond: (times * target.deliveriesPerSecond) / clients, milliseconds };
      const one = await measure(server, load, pace);
      console.log(
        `${module} ${pace.eventsPerSecond} events/s: ${Math.round(one.deliveriesPerSecond)} deliveries/s, p50 ${one.p50} ms, p99 ${one.p99} ms, ${one.cpu.toFixed(1)} µs of the server's processor each`,
      );
      measured.push(one);
      if (times >= 1 && (!one.isComplete || one.p99 >= target.p99)) break;
    }
    return measured;
  } finally {
    for (const child of children) {
      const exit = once(child, 'exit');
      child.kill();
      await exit;
    }
  }
}

async function measure(server: ChildProcess, load: readonly ChildProcess[], pace: Pace): Promise<Measured> {
  const begun = performance.now();
  server.send(pace);
  await told(server);
  const seconds = (performance.now() - begun) / 1_000;
  await new Promise((resolve) => setTimeout(resolve, settling));
  const received = await Promise.all(
    load.map((child) => {
      child.send({});
      return told(child) as Promise<Received>;
    }),
  );
  server.send('spent');
  const { cpu } = (await told(server)) as Spent;
  const deliveries = received.reduce((sum, one) => sum + one.deliveries, 0);
  const expected = Math.round((pace.eventsPerSecond * pace.milliseconds) / 1_000) * clients;
  return {
    deliveriesPerSecond: deliveries / seconds,
    p50: percentile(received, deliveries * 0.5),
    p99: percentile(received, deliveries * 0.99),
    cpu: (cpu * 1_000) / deliveries,
    isComplete: deliveries === expected && seconds < (pace.milliseconds / 1_000) * 1.1,
  };
}

/** Milliseconds within which so many deliveries came. */
function percentile(received: readonly Received[], wanted: number): number {
  let seen = 0;
  const length = received[0]?.latencies.length ?? 0;
  for (let bucket = 0; bucket < length; bucket += 1) {
    for (const { latencies } of received) seen += latencies[bucket] ?? 0;
    if (seen >= wanted) return bucket;
  }
  return length;
}

async function told(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`A process of the bench ended with ${code}.`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message);
    });
  });
}
