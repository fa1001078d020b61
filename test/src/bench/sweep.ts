/** The release sweep: many numbers due at one instant, each ended exactly once and none early; then numbers due one by one on an idle machine. */
import { performance } from 'node:perf_hooks';
import type { Store } from '@numberyard/kit/storage/port';
import { newNumber, type InventoryNumber } from '@numberyard/number-inventory/domain/number';
import { numbers, saveNumber } from '@numberyard/number-inventory/models/number';
import { openSingleProcess } from '../world/single-process.js';
import { createCustomer } from '../world/steps.js';
import { rawWriteSpeed } from './engine-raw.js';
import { printResult } from './result.js';

const NUMBERS = Number(process.env['SWEEP_NUMBERS'] ?? 100_000);
/** Time to store them in before they are due, seconds. */
const LEAD = Number(process.env['SWEEP_LEAD'] ?? Math.ceil(NUMBERS / 2_000) + 5);
const SINGLE = Number(process.env['SWEEP_SINGLE'] ?? 200);
/** Between two numbers that are due one by one, milliseconds: no multiple of the second the sweep looks after. */
const APART = 73;
const BATCH = 500;
const ENDED = ['NumberReleased', 'NumberUnreserved'];

const instant = (ms: number) => new Date(ms).toISOString();
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function run(): Promise<void> {
  const world = await openSingleProcess({ LOG_LEVEL: 'warn' });
  try {
    const { reseller, customer, sites } = await createCustomer(world, 'Bench', 1);
    const site = sites[0] ?? customer;
    const place = { customer, node: site, path: [world.provider, reseller, customer, site].join('.') };
    const store = world.store('number-inventory');
    const due = Date.now() + LEAD * 1_000;
    const make = (index: number, releaseAt: number) => dueNumber(newNumber(place, `${index}`, instant(0)), releaseAt);
    for (let from = 0; from < NUMBERS; from += BATCH) {
      const size = Math.min(BATCH, NUMBERS - from);
      const many = Array.from({ length: size }, (_, index) => make(1_000_000 + from + index, due));
      await write(store, many);
    }
    if (Date.now() >= due)
      throw new Error('the numbers were due before they were stored; give SWEEP_LEAD more seconds');
    const { head } = await store.log.state();
    const told = await whenAllEnded(store, head, NUMBERS, due);
    const seconds = (told.lastSeen - due) / 1_000;

    const { head: second } = await store.log.state();
    const first = Date.now() + 3_000;
    const dues = Array.from({ length: SINGLE }, (_, index) => first + index * APART);
    await write(
      store,
      dues.map((each, index) => make(9_000_000 + index, each)),
    );
    const single = await whenAllEnded(store, second, SINGLE, first);
    const lags = single.lags.sort((a, b) => a - b);
    const p99 = lags[Math.ceil(lags.length * 0.99) - 1] ?? 0;
    const raw = await rawWriteSpeed(world.folder);
    printResult('sweep', [
      {
        name: `${NUMBERS} numbers due at one instant, all ended`,
        value: seconds,
        unit: 's',
        against: `the raw engine writing ${NUMBERS} documents of a number's shape: ${(NUMBERS / raw.docsPerSecond).toFixed(1)} s`,
        ratio: (seconds * raw.docsPerSecond) / NUMBERS,
        target: '< 30 s',
        met: seconds < 30,
      },
      count('ended more than once', told.twice + single.twice),
      count('ended before their release date', told.early + single.early),
      count('still cooling or reserved', (await store.find(numbers, { key: 'byDue', limit: 1 })).items.length),
      {
        name: `lag of ${SINGLE} numbers due one by one, median`,
        value: lags[Math.floor(lags.length / 2)] ?? 0,
        unit: 'ms',
        target: 'for information',
        met: true,
      },
      { name: 'and 99th percentile', value: p99, unit: 'ms', target: '< 2 s', met: p99 < 2_000 },
    ]);
  } finally {
    await world.close();
  }
}

function count(name: string, value: number) {
  return { name, value, unit: '', target: '0', met: value === 0 };
}

/** Every fifth is reserved, the others cool for a device. */
function dueNumber(number: InventoryNumber, releaseAt: number): InventoryNumber {
  const since = instant(0);
  const until = instant(releaseAt);
  if (Number(number.number) % 5 === 0) return { ...number, reservation: { reservedAt: since, until } };
  const tag = 'Registered user is either offline or deleted, release date 1970-01-01 + 2 days';
  const cooling = { since, releaseDate: until, cause: 'AUDIOCODES', tag, vendor: 'AudioCodes' } as const;
  return { ...number, cooling };
}

async function write(store: Store, many: readonly InventoryNumber[]): Promise<void> {
  const result = await store.commit({ save: many.map((number) => saveNumber(number, 0)), trusted: true });
  if (!result.ok) throw new Error('the numbers could not be stored');
}

interface Ended {
  /** When the last end was seen in the log, milliseconds of the wall clock. */
  readonly lastSeen: number;
  /** From the release date to where the end was seen, milliseconds, of those due singly. */
  readonly lags: number[];
  readonly twice: number;
  readonly early: number;
}

/** Follow the log until `wanted` numbers were ended. @param due when the first of them is due; the nth single one `APART` later */
async function whenAllEnded(store: Store, from: number, wanted: number, due: number): Promise<Ended> {
  const entities = new Set<string>();
  const lags: number[] = [];
  let [after, twice, early] = [from, 0, 0];
  const deadline = performance.now() + due - Date.now() + 300_000;
  while (entities.size < wanted) {
    if (performance.now() > deadline) throw new Error(`only ${entities.size} of ${wanted} numbers were ended`);
    const { events, upTo } = await store.log.read({ after, types: ENDED, limit: 1_000 });
    const now = Date.now();
    for (const { entity, time } of events) {
      if (entities.has(entity)) twice += 1;
      entities.add(entity);
      const single = Number(entity.split(':').at(-1)) - 9_000_000;
      const releaseAt = single < 0 ? due : due + single * APART;
      if (Date.parse(time) < releaseAt) early += 1;
      if (single >= 0) lags.push(now - releaseAt);
    }
    if (upTo === after) await pause(5);
    after = upTo;
  }
  return { lastSeen: Date.now(), lags, twice, early };
}
