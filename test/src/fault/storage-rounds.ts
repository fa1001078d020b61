/** Rounds of writing, killing and looking, over one growing store. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedStore } from '@numberyard/kit/storage/embedded/open';
import { randomFrom } from '@numberyard/kit/testing/random';
import { inspect, writeAndKill } from './storage-kill.js';
import { tallies, units } from './storage-units.js';

/** Everything that was wrong after one of the kills, as sentences; empty when nothing was lost, halved or doubled. */
export async function killRounds(rounds: number, seed: number): Promise<string[]> {
  const random = randomFrom(seed);
  const folder = await mkdtemp(join(tmpdir(), 'numberyard-fault-'));
  const acknowledged = new Set<number>();
  let epoch: string | undefined;
  let first = 0;
  try {
    for (let round = 1; round <= rounds; round += 1) {
      const acknowledgements = 1 + Math.floor(random() * 400);
      const fresh = await writeAndKill(folder, { first, acknowledgements, pause: random() * 20 });
      for (const number of fresh) acknowledged.add(number);

      // Nothing is cleaned up by hand: the lock died with its holder.
      const store = await openEmbeddedStore({ folder, name: 'killed', collections: [units, tallies] });
      try {
        const { wrong, kept } = await inspect(store);
        for (const number of acknowledged)
          if (!kept.has(number)) wrong.push(`Unit ${number} was acknowledged and is gone.`);
        const state = await store.log.state();
        if ((epoch ??= state.epoch) !== state.epoch) wrong.push(`The epoch changed from ${epoch} to ${state.epoch}.`);
        if (wrong.length > 0) return wrong.map((sentence) => `Kill ${round}: ${sentence}`);
        first = Math.max(-1, ...kept) + 1;
      } finally {
        await store.close();
      }
    }
    return [];
  } finally {
    await rm(folder, { recursive: true });
  }
}
