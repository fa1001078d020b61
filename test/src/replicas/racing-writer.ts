/**
 * A replica whose writers commit until its standard input ends. Prints a line for every acknowledged commit: writer, how often it has written, position.
 * Arguments: connection string, name of the replica, writers.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { save, type Commit } from '@numberyard/kit/storage/port';
import { lanes, openSource, TURNS, turns, WRITTEN } from './race.js';

/** Longest pause of a writer between two commits, milliseconds, so that the follower can keep up with all of them. */
const LONGEST_PAUSE = 300;
/** Every so manieth commit of a writer fights for the shared document. */
const EVERY_TURN = 3;

const [uri = '', replica = '', writers = '8'] = process.argv.slice(2);
const store = await openSource(uri);
let ended = false;
process.stdin.on('end', () => (ended = true)).resume();

async function write(writer: string): Promise<void> {
  for (let count = 1; !ended; count += 1) {
    const position = await commit(writer, count);
    process.stdout.write(`${writer} ${count} ${position}\n`);
    await delay(Math.random() * LONGEST_PAUSE);
  }
}

/** @returns the position the log had after the commit */
async function commit(writer: string, count: number): Promise<number> {
  for (;;) {
    const result = await store.commit(await decided(writer, count));
    if (result.ok) return Number(result.cursor.split('.')[1]);
  }
}

async function decided(writer: string, count: number): Promise<Commit> {
  const lane = (await store.get(lanes, writer)) ?? { id: writer, version: 0, written: 0 };
  if (lane.written !== count - 1) throw new Error(`${writer} wrote ${count - 1} times, ${lane.written} are there`);
  const turn = count % EVERY_TURN === 0 && ((await store.get(turns, TURNS)) ?? { id: TURNS, version: 0, taken: 0 });
  return {
    save: [
      save(lanes, { ...lane, written: count }),
      ...(turn ? [save(turns, { ...turn, taken: turn.taken + 1 })] : []),
    ],
    events: [
      {
        type: WRITTEN,
        retention: 'history',
        entity: `lane:${writer}`,
        path: 'root',
        actor: { type: 'WORKER', id: writer },
        time: new Date().toISOString(),
        fields: { count, ...(turn && { turn: turn.taken + 1 }) },
      },
    ],
  };
}

await Promise.all(Array.from({ length: Number(writers) }, (_, index) => write(`${replica}${index}`)));
await store.close();
