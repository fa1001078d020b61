/** The first sync of many registered users, and an unchanged one, through simulator, connections, number-inventory and gateway. */
import { performance } from 'node:perf_hooks';
import { rawWriteSpeed } from './engine-raw.js';
import { printResult } from './result.js';
import { startSimulator } from './simulator.js';
import { connect, createCustomer, queueRun, type Run } from '../world/steps.js';
import { openSingleProcess } from '../world/single-process.js';
import type { World } from '../world/world.js';

const USERS = Number(process.env['SYNC_USERS'] ?? 100_000);
const MIB = 1024 * 1024;
export async function run(): Promise<void> {
  const simulator = await startSimulator(USERS);
  const world = await openSingleProcess({ LOG_LEVEL: 'warn' });
  try {
    const { customer } = await createCustomer(world, 'Bench', 1);
    const { sync } = await connect(world.client(), customer, 'bench', simulator);
    const first = await measure(world, sync);
    const before = await heads(world);
    const second = await measure(world, sync);
    const after = await heads(world);
    const raw = await rawWriteSpeed(world.folder);
    const users = USERS / first.seconds;
    const scale = USERS / 100_000;
    printResult('sync', [
      {
        name: `first sync of ${USERS} registered users`,
        value: first.seconds,
        unit: 's',
        against: `the raw engine writing ${USERS} documents of a number's shape: ${(USERS / raw.docsPerSecond).toFixed(1)} s`,
        ratio: (first.seconds * raw.docsPerSecond) / USERS,
        target: scale <= 1 ? '< 30 s' : '< 360 s',
        met: first.seconds < (scale <= 1 ? 30 : 360),
      },
      {
        name: 'users per second, listed, mirrored and applied',
        value: users,
        unit: '/s',
        against: `raw engine ${Math.round(raw.docsPerSecond)} documents/s`,
        ratio: users / raw.docsPerSecond,
        target: 'for information',
        met: true,
      },
      { name: 'CPU of all its threads', value: first.cpuSeconds, unit: 's', target: 'for information', met: true },
      {
        name: 'peak memory of the process',
        value: first.peakMiB,
        unit: 'MiB',
        target: scale <= 1 ? '< 400 MB' : '< 512 MB',
        met: first.peakMiB * MIB < (scale <= 1 ? 400e6 : 512e6),
      },
      { name: 'progress steps seen', value: first.steps, unit: '', target: '> 5', met: first.steps > 5 },
      { name: 'unchanged sync', value: second.seconds, unit: 's', target: 'for information', met: true },
      {
        name: 'number-inventory events of the unchanged sync',
        value: after - before,
        unit: '',
        target: '0',
        met: after === before,
      },
    ]);
  } finally {
    await world.close();
    simulator.stop();
  }
}

async function heads(world: World): Promise<number> {
  return (await world.store('number-inventory').log.state()).head;
}

interface Measured {
  readonly seconds: number;
  /** Of all threads of the process: what a loaded machine does not change. */
  readonly cpuSeconds: number;
  readonly peakMiB: number;
  readonly steps: number;
}

/** Run a sync and look at its progress and our memory while it runs. */
async function measure(world: World, dataSync: string): Promise<Measured> {
  const client = world.client();
  const before = process.cpuUsage();
  const begun = performance.now();
  const id = await queueRun(client, dataSync);
  const progress = new Set<number>();
  let peak = 0;
  for (;;) {
    const run = await client.ask<Run>(
      'query($id: ID!) { syncRun(id: $id) { state progress { fetched } error { message } } }',
      { id },
    );
    progress.add(run.progress.fetched);
    peak = Math.max(peak, process.memoryUsage.rss());
    if (run.state === 'SUCCEEDED') break;
    if (!['QUEUED', 'RUNNING', 'APPLYING'].includes(run.state))
      throw new Error(`the run ${run.state}: ${run.error?.message}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const { user, system } = process.cpuUsage(before);
  const seconds = (performance.now() - begun) / 1_000;
  return { seconds, cpuSeconds: (user + system) / 1e6, peakMiB: peak / MIB, steps: progress.size };
}
