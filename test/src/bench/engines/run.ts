/** Both engines beside the drivers below them, in turns: writing alone, together and in bulk, look-ups, and how soon the log is heard of. */
import { cpus } from 'node:os';
import { type Figure, printResult } from '../result.js';
import { type Contest, embeddedContest } from './contest.js';
import { median, quantile } from './load.js';
import { type Contender, type Rate, RATES } from './measures.js';
import { mongoContest } from './mongo-contest.js';

const ROUNDS = Number(process.env['ENGINES_ROUNDS'] ?? 5);
/** Of each measurement in each round. */
const SECONDS = Number(process.env['ENGINES_SECONDS'] ?? 1);

interface Pair {
  readonly engine: number;
  readonly raw: number;
}

interface Measured {
  readonly rates: Readonly<Record<Rate, Pair[]>>;
  readonly latencies: { readonly engine: number[]; readonly raw: number[] };
}

export async function run(): Promise<void> {
  const stop = new AbortController();
  // What was made on somebody's server does not stay there because the bench was interrupted.
  const interrupted = () => stop.abort(new Error('interrupted'));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  const contests: Contest[] = [];
  try {
    contests.push(await embeddedContest());
    const missing = await mongoContest().then(
      (contest) => void contests.push(contest),
      (error: Error) => error.message,
    );
    report(contests, await measure(contests, stop.signal), missing);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    process.exitCode = 130;
  } finally {
    await Promise.all(contests.map((contest) => contest.end()));
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
  }
}

async function measure(contests: readonly Contest[], signal: AbortSignal): Promise<Measured[]> {
  for (const { engine, raw } of contests) {
    for (const contender of [engine, raw]) {
      await contender.fill(signal);
      await warmUp(contender, signal);
    }
  }
  const measured = contests.map((): Measured => ({ rates: perRate(() => []), latencies: { engine: [], raw: [] } }));
  for (let count = 0; count < ROUNDS; count += 1) {
    for (const [index, { engine, raw }] of contests.entries()) {
      const into = measured[index];
      for (const rate of rateNames) {
        signal.throwIfAborted();
        into?.rates[rate].push({ engine: await engine[rate](SECONDS), raw: await raw[rate](SECONDS) });
      }
      into?.latencies.engine.push(...(await engine.latencies(SECONDS)));
      into?.latencies.raw.push(...(await raw.latencies(SECONDS)));
    }
  }
  return measured;
}

/** So that nobody is measured before its code is compiled. */
async function warmUp(contender: Contender, signal: AbortSignal): Promise<void> {
  for (const rate of rateNames) {
    signal.throwIfAborted();
    await contender[rate](SECONDS / 4);
  }
  await contender.latencies(SECONDS / 4);
}

function report(contests: readonly Contest[], measured: readonly Measured[], missing: string | void): void {
  console.log(`Node ${process.version}, ${cpus().length} cores; medians of ${ROUNDS} rounds of ${SECONDS} s each.`);
  for (const { title, facts } of contests) console.log(`${title}: ${facts}`);
  const figures = contests.flatMap((contest, index) => figuresOf(contest, measured[index]));
  if (typeof missing === 'string') figures.push(notMeasured(missing));
  else console.log('How the MongoDB server was built matters: read ratios before absolutes.');
  printResult('engines', figures);
}

const rateNames = Object.keys(RATES) as Rate[];

function perRate<T>(make: () => T): Record<Rate, T> {
  return Object.fromEntries(rateNames.map((rate) => [rate, make()])) as Record<Rate, T>;
}

function figuresOf({ title, raw }: Contest, measured: Measured | undefined): Figure[] {
  if (!measured) return [];
  const rates = rateNames.map((rate): Figure => {
    const { title: what, unit, peer, atLeast } = RATES[rate];
    const pairs = measured.rates[rate];
    const ratio = median(pairs.map((pair) => pair.engine / pair.raw));
    const against = Math.round(median(pairs.map((pair) => pair.raw)));
    return {
      name: `${title}, ${what}`,
      value: median(pairs.map((pair) => pair.engine)),
      unit,
      against: `${raw.subject.name}, ${peer}: ${against}`,
      ratio,
      target: atLeast === undefined ? 'for information' : `>= ${atLeast}x`,
      met: atLeast === undefined || ratio >= atLeast,
    };
  });
  return [...rates, ...latencyFigures(title, raw.subject.name, measured.latencies)];
}

function latencyFigures(title: string, peer: string, { engine, raw }: Measured['latencies']): Figure[] {
  return [50, 99].map((percent): Figure => {
    const value = quantile(engine, percent / 100);
    const against = quantile(raw, percent / 100);
    return {
      name: `${title}, commit answered to event followed, p${percent}`,
      value,
      unit: 'ms',
      against: `${peer}: ${against.toFixed(2)} ms`,
      ...(against > 0 && { ratio: value / against }),
      target: 'for information',
      met: true,
    };
  });
}

function notMeasured(reason: string): Figure {
  const line = '!'.repeat(100);
  console.log(`${line}\nMONGODB WAS NOT MEASURED. ${reason}\n${line}`);
  return { name: 'MongoDB, not measured', value: 0, unit: '', target: 'measured', met: false };
}
