/** Numbers in and out as files: an import of 100,000 lines with 50 bad ones, then an export of 1,000,000 numbers and what it takes in memory. */
import { get } from 'node:http';
import { performance } from 'node:perf_hooks';
import { openSingleProcess } from '../world/single-process.js';
import { createCustomer } from '../world/steps.js';
import type { World } from '../world/world.js';
import { importCsv, numbersFile, reportOf } from '../world/files.js';
import { rawWriteSpeed } from './engine-raw.js';
import { fill, type Place } from './pages/numbers.js';
import { printResult } from './result.js';

const LINES = Number(process.env['FILES_LINES'] ?? 100_000);
const NUMBERS = Number(process.env['FILES_NUMBERS'] ?? 1_000_000);
const BAD = 50;
const MIB = 1024 * 1024;

export async function run(): Promise<void> {
  const world = await openSingleProcess({ LOG_LEVEL: 'warn' });
  try {
    const { customer, sites } = await createCustomer(world, 'Bench', 1);
    const site = sites[0] ?? '';
    const file = numbersFile(4_930_000_000, LINES, BAD);
    const begun = performance.now();
    const { refused, summary } = reportOf((await importCsv(world, `?node=${site}`, 'bench', file)).text);
    const seconds = (performance.now() - begun) / 1_000;
    const raw = await rawWriteSpeed(world.folder);
    const small = await measure(world);
    const { path } = await place(world, site);
    await fill(world.store('number-inventory'), NUMBERS - (LINES - BAD), (): Place => ({ customer, node: site, path }));
    const large = await measure(world);
    printResult('files', [
      {
        name: `import of ${LINES} lines, ${BAD} of them bad`,
        value: LINES / seconds,
        unit: 'lines/s',
        against: `raw engine ${Math.round(raw.docsPerSecond)} documents/s`,
        ratio: LINES / seconds / raw.docsPerSecond,
        target: 'for information',
        met: true,
      },
      {
        name: 'bad lines told, each by its line',
        value: refused.length,
        unit: '',
        target: String(BAD),
        met: refused.length === BAD && summary?.['created'] === LINES - BAD,
      },
      {
        name: `export of ${large.lines} numbers`,
        value: large.lines / large.seconds,
        unit: 'lines/s',
        target: 'for information',
        met: large.lines === NUMBERS + 1,
      },
      {
        name: 'memory the export adds at its peak',
        value: large.addedMiB,
        unit: 'MiB',
        against: `an export of ${small.lines} numbers: ${small.addedMiB.toFixed(0)} MiB`,
        target: '< 64 MiB',
        met: large.addedMiB < 64,
      },
    ]);
  } finally {
    await world.close();
  }
}

async function place(world: World, node: string): Promise<{ path: string }> {
  return world.client().ask('query($id: ID!) { hierarchyNode(id: $id) { path } }', { id: node });
}

/** What is in use, garbage included, of heap and buffers: what the process has had of the system before says nothing of an export. */
function held(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Read an export as it comes, keep nothing of it, and look at the memory meanwhile. */
async function measure(world: World): Promise<{ lines: number; seconds: number; addedMiB: number }> {
  globalThis.gc?.();
  const before = held();
  const begun = performance.now();
  let lines = 0;
  let peak = before;
  await new Promise<void>((resolve, reject) => {
    const headers = { authorization: `Bearer ${world.adminKey}` };
    get(`${world.url}/export/numbers.csv`, { headers }, (response) => {
      response.on('data', (chunk: Buffer) => {
        for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
        peak = Math.max(peak, held());
      });
      response.on('end', () => (response.complete ? resolve() : reject(new Error('the export was cut'))));
      response.on('error', reject);
    }).on('error', reject);
  });
  return { lines, seconds: (performance.now() - begun) / 1_000, addedMiB: (peak - before) / MIB };
}
