/**
 * A process to be killed: commits numbered units, several at a time, and prints the number of each once it is acknowledged.
 * Arguments: where the store is, first number, writers.
 */
import { save } from '@numberyard/kit/storage/port';
import { openPlace } from './storage-place.js';
import { tallies, type Unit, units } from './storage-units.js';

const [place = '', first = '0', writers = '8'] = process.argv.slice(2);
const store = await openPlace(place);
let next = Number(first);

async function write(writer: string): Promise<never> {
  for (;;) {
    const number = next;
    next += 1;
    const tally = (await store.get(tallies, writer)) ?? { id: writer, version: 0, sum: 0 };
    const halves = (['left', 'right'] as const).map((side): Unit => {
      return { id: `${number}-${side}`, version: 0, number, side, nodes: ['root', `node-${number % 7}`] };
    });
    const result = await store.commit({
      save: [...halves.map((half) => save(units, half)), save(tallies, { ...tally, sum: tally.sum + 1 })],
      events: halves.map(({ side }) => ({
        type: 'unitWritten',
        retention: 'history',
        entity: `unit:${number}`,
        path: 'root',
        actor: { type: 'WORKER', id: writer },
        time: new Date().toISOString(),
        fields: { side },
      })),
      trusted: true,
    });
    if (!result.ok) throw new Error(`unit ${number}: ${JSON.stringify(result.conflicts)}`);
    process.stdout.write(`${number}\n`);
  }
}

await Promise.all(Array.from({ length: Number(writers) }, (_, index) => write(`writer-${index}`)));
