/** Rounds of writing, killing and looking, over one growing store. */
import { randomFrom } from '@numberyard/kit/testing/random';
import { inspect, writeAndKill } from './storage-kill.js';
import { openPlace } from './storage-place.js';

/**
 * Everything that was wrong after one of the kills, as sentences; empty when nothing was lost, halved or doubled.
 * @param place of the store, empty at first: a folder or a connection string
 */
export async function killRounds(place: string, rounds: number, seed: number): Promise<string[]> {
  const random = randomFrom(seed);
  const acknowledged = new Set<number>();
  let epoch: string | undefined;
  let first = 0;
  for (let round = 1; round <= rounds; round += 1) {
    const acknowledgements = 1 + Math.floor(random() * 400);
    const fresh = await writeAndKill(place, { first, acknowledgements, pause: random() * 20 });
    for (const number of fresh) acknowledged.add(number);

    // Nothing is cleaned up by hand: what the killed process held died with it.
    const store = await openPlace(place);
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
}
