/** The primary of three members is killed in the middle of a burst of commits, and comes back later, again and again. */
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { withDatabase } from '@numberyard/kit/testing/mongo';
import { randomFrom } from '@numberyard/kit/testing/random';
import { waitUntil } from '@numberyard/kit/testing/wait-until';
import { expect, it } from 'vitest';
import { inspect } from '../src/fault/storage-kill.js';
import { openPlace } from '../src/fault/storage-place.js';
import { writeUnits } from '../src/fault/unit-writers.js';
import { startThreeMembers } from '../src/mongo/three-members.js';

const KILLS = Number(process.env['FAILOVER_KILLS'] ?? 5);
const SEED = Number(process.env['FAULT_SEED'] ?? randomInt(2 ** 31));
const WRITERS = 24;
/** Longest a commit may wait for its answer while the primary is replaced. */
const LONGEST_WAIT_MS = 15_000;

it(`commits outlive ${KILLS} kills of the primary: none lost, none twice, each answered (FAULT_SEED=${SEED})`, async ({
  annotate,
}) => {
  const random = randomFrom(SEED);
  const set = await startThreeMembers();
  const uri = withDatabase(set.uri, 'failover');
  const acknowledged = new Set<number>();
  const waits: number[] = [];
  const state = { ended: false };
  try {
    const store = await openPlace(uri);
    const more = async (count: number) => {
      const goal = acknowledged.size + count;
      await waitUntil(`${count} more commits`, () => acknowledged.size >= goal, 60_000);
    };
    const writing = writeUnits(store, {
      first: 0,
      writers: WRITERS,
      ended: () => state.ended,
      acknowledged(number, tookMs) {
        acknowledged.add(number);
        waits.push(tookMs);
      },
    });
    const killing = async () => {
      for (let kill = 0; kill < KILLS; kill += 1) {
        await more(200);
        await delay(random() * 200);
        const primary = await set.primary();
        await primary.kill();
        await more(200);
        await primary.bringBack();
      }
    };
    // A commit that fails ends the test at once.
    await Promise.race([killing(), writing]);
    state.ended = true;
    await writing;

    const longest = Math.max(...waits);
    await annotate(`${acknowledged.size} commits, ${KILLS} kills, longest wait ${Math.round(longest)} ms`);
    const { wrong, kept } = await inspect(store, WRITERS);
    expect(wrong).toEqual([]);
    expect([...acknowledged].filter((number) => !kept.has(number))).toEqual([]);
    // Each commit was answered, so nothing may be there of which nobody was told.
    expect(kept.size).toBe(acknowledged.size);
    expect(longest).toBeLessThan(LONGEST_WAIT_MS);

    const second = await openPlace(uri);
    let rings = 0;
    const off = store.log.onAppend(() => (rings += 1));
    const { head } = await store.log.state();
    await second.commit({
      events: (await store.log.read({ after: head - 1, limit: 1 })).events.map(({ position: _, ...event }) => event),
    });
    await waitUntil('the bell to ring for what another process commits', () => rings > 0);
    off();
    await Promise.all([store.close(), second.close()]);
  } finally {
    state.ended = true;
    await set.stop();
  }
});
