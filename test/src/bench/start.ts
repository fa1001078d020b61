/** How long a user waits: the program `npm start` becomes, from nothing to the first answered query, beside a bare Node process. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ApiClient } from '../world/client.js';
import { printResult } from './result.js';

const ROUNDS = 5;
const TARGET_SECONDS = 5;
const RUN_SCRIPT = fileURLToPath(new URL('../../../scripts/run.mjs', import.meta.url));

export async function run(): Promise<void> {
  const first: number[] = [];
  const second: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const folder = await mkdtemp(join(tmpdir(), 'numberyard-start-'));
    bare.push(bareNode());
    first.push(await toFirstAnswer(folder));
    second.push(await toFirstAnswer(folder));
    await rm(folder, { recursive: true });
  }
  const node = median(bare);
  const figure = (name: string, seconds: number) => ({
    name,
    value: seconds,
    unit: 's',
    against: `bare node process ${node.toFixed(3)} s`,
    ratio: seconds / node,
    target: `< ${TARGET_SECONDS} s`,
    met: seconds < TARGET_SECONDS,
  });
  printResult('start', [
    figure('first start with demo, to first answer', median(first)),
    figure('second start with demo, to first answer', median(second)),
  ]);
}

function bareNode(): number {
  const begun = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return (performance.now() - begun) / 1_000;
}

const KEY = 'ny_key-of-the-start-bench-0123456789';

/** Seconds until a query is answered. The address is known once the banner is printed, so the answer is asked for then. */
async function toFirstAnswer(folder: string): Promise<number> {
  const begun = performance.now();
  const child = spawn(process.execPath, [RUN_SCRIPT, 'start'], {
    env: { ...process.env, PORT: '0', NUMBERYARD_DATA: folder, NUMBERYARD_ADMIN_KEY: KEY },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = /explorer\s+(http:\S+)\/graphql/.exec(line);
      if (match?.[1]) resolve(match[1]);
    });
    child.once('exit', () => reject(new Error('the server ended before it served')));
  });
  await new ApiClient(url, KEY).ask('{ numberSummary { total } }');
  const seconds = (performance.now() - begun) / 1_000;
  child.kill('SIGTERM');
  await once(child, 'exit');
  return seconds;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
