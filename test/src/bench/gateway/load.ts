/** The clients, in a process of their own: `load.js <url> <milliseconds> <connections>`; tells what they got. */
import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Pool } from 'undici';
import { listQuery, variableSets } from './catalogue.js';

/** What one run of the clients saw. */
export interface Load {
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p99: number;
  /** Of the first answer, the same for contenders that answer the same. */
  readonly digest: string;
}

const [url = '', milliseconds = '0', connections = '1'] = process.argv.slice(2);
const { origin, pathname } = new URL(url);
const pool = new Pool(origin, { connections: Number(connections), pipelining: 1 });
const bodies = Array.from({ length: variableSets }, (_, set) =>
  JSON.stringify({ query: listQuery, variables: { from: set * 20 } }),
);
let asked = 0;

async function ask(): Promise<string> {
  const answer = await pool.request({
    method: 'POST',
    path: pathname,
    headers: { 'content-type': 'application/json', authorization: 'Bearer bench' },
    body: bodies[asked++ % bodies.length] ?? '',
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 200 || text.includes('"errors"'))
    throw new Error(`${answer.statusCode} ${text.slice(0, 300)}`);
  return text;
}

/**
 * While the others had their turns, a contender's connections to its subgraphs may have been closed. One that sends over such a connection all the
 * same fails, which is not what is measured here.
 */
async function warmUp(): Promise<void> {
  for (let tries = 0; tries < 5; tries += 1) {
    const asked = await Promise.allSettled(Array.from({ length: Number(connections) }, ask));
    if (asked.every(({ status }) => status === 'fulfilled')) return;
  }
}

await warmUp();
const first = JSON.stringify((JSON.parse(await ask()) as { data: unknown }).data);
const times: number[] = [];
const begun = performance.now();
const end = begun + Number(milliseconds);
await Promise.all(
  Array.from({ length: Number(connections) }, async () => {
    while (performance.now() < end) {
      const sent = performance.now();
      await ask();
      times.push(performance.now() - sent);
    }
  }),
);
const seconds = (performance.now() - begun) / 1_000;
await pool.close();
times.sort((a, b) => a - b);
const load: Load = {
  requestsPerSecond: times.length / seconds,
  p99: times[Math.floor(times.length * 0.99)] ?? 0,
  digest: createHash('sha256').update(first).digest('hex'),
};
process.send?.(load);
