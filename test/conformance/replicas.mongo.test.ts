/** Several processes on the same databases: writers of two replicas, and a follower that is killed again and again. */
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { takeTestDatabases } from '@numberyard/kit/testing/mongo';
import { randomFrom } from '@numberyard/kit/testing/random';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { afterEach, expect, it } from 'vitest';
import { checkCopy, checkOrder, readLog } from '../src/replicas/check-race.js';
import { startTelling, type Telling } from '../src/replicas/processes.js';
import { openCopy, openSource } from '../src/replicas/race.js';

const SEED = Number(process.env['FAULT_SEED'] ?? randomInt(2 ** 31));
const KILLS = 20;
const REPLICAS = ['a', 'b'];
const WRITERS = 16;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function start(program: string, ...args: string[]): Telling {
  const telling = startTelling(program, ...args);
  closers.push(() => telling.kill());
  return telling;
}

it(
  `${WRITERS} writers over two replicas and a follower killed ${KILLS} times: every event once, in commit order (FAULT_SEED=${SEED})`,
  { timeout: 600_000 },
  async () => {
    const random = randomFrom(SEED);
    const { uri, release } = await takeTestDatabases('race');
    closers.push(release);
    const replicas = REPLICAS.map((name) => start('racing-writer', uri, name, String(WRITERS / REPLICAS.length)));
    // Two, so that the other takes over at once: starting a process takes longer than what it is to do.
    const followers = [start('copying-follower', uri), start('copying-follower', uri)];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const copying = await Promise.race(followers.map((follower, index) => follower.next().then(() => index)));
      await delay(random() * 400);
      await followers[copying]?.kill();
      followers[copying] = start('copying-follower', uri);
    }
    await Promise.all(replicas.map((replica) => replica.end()));
    const acknowledged = replicas.flatMap(({ lines }) =>
      lines.map((line) => {
        const [writer = '', count, position] = line.split(' ');
        return { writer, count: Number(count), position: Number(position) };
      }),
    );

    const [source, copy] = await Promise.all([openSource(uri), openCopy(uri)]);
    closers.push(() => Promise.all([source.close(), copy.close()]));
    const { head } = await source.log.state();
    await waitUntil('everything to be copied', async () => (await copy.log.state()).head >= head, 300_000);

    const events = await readLog(source);
    expect(new Set(events.map(({ entity }) => entity)).size).toBe(WRITERS);
    expect(acknowledged).toHaveLength(events.length);
    expect(checkOrder(events, acknowledged)).toEqual([]);
    expect(await checkCopy(events, copy)).toEqual([]);
  },
);
