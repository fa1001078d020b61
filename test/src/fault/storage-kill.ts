/** Killing the process of {@link file://./storage-writer.ts} and looking at what it left. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import type { PagePosition, Store } from '@numberyard/kit/storage/port';
import { tallies, units } from './storage-units.js';

const WRITER = fileURLToPath(import.meta.resolve('@numberyard/test/fault/storage-writer'));
/** Commits under way at once in the process that is killed. */
const WRITERS = 8;

/**
 * Let a process write units from a number on; kill it `pause` milliseconds after it has acknowledged so many.
 * @returns every number it acknowledged before it died
 * @throws Error with its complaint when it ended by itself
 */
export async function writeAndKill(
  place: string,
  options: { first: number; acknowledgements: number; pause: number },
): Promise<number[]> {
  const writer = spawn(process.execPath, [WRITER, place, String(options.first), String(WRITERS)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(writer, 'exit') as Promise<[number | null, string | null]>;
  const complaint: string[] = [];
  writer.stderr.on('data', (chunk: Buffer) => complaint.push(chunk.toString()));
  const acknowledged: number[] = [];
  // Lines the process wrote before it died are read to the end of the pipe: they were acknowledged.
  for await (const line of createInterface({ input: writer.stdout })) {
    acknowledged.push(Number(line));
    if (acknowledged.length === options.acknowledgements) void delay(options.pause).then(() => writer.kill('SIGKILL'));
  }
  const [, signal] = await exited;
  if (signal !== 'SIGKILL') throw new Error(`the writer ended by itself: ${complaint.join('')}`);
  return acknowledged;
}

/**
 * What is wrong with a store after a kill, as sentences, and the numbers of the units it holds.
 * @param writing so many writers wrote
 */
export async function inspect(store: Store, writing = WRITERS): Promise<{ wrong: string[]; kept: Set<number> }> {
  const stored = await storedUnits(store);
  const { told, wrong } = await toldUnits(store);
  wrong.push(...(await store.verify()));
  for (const number of new Set([...stored.keys(), ...told.keys()])) {
    const [found, events] = [stored.get(number) ?? [], told.get(number) ?? []].map((sides) => sides.join());
    if (found !== 'left,right' || events !== 'left,right') {
      wrong.push(`Unit ${number} is not whole: documents ${found}, events ${events}.`);
    }
  }
  const writers = await store.getMany(
    tallies,
    Array.from({ length: writing }, (_, index) => `writer-${index}`),
  );
  const sum = writers.reduce((total, tally) => total + (tally?.sum ?? 0), 0);
  if (sum !== stored.size) wrong.push(`The writers counted ${sum} units, ${stored.size} are there.`);
  return { wrong, kept: new Set(stored.keys()) };
}

async function storedUnits(store: Store): Promise<Map<number, string[]>> {
  const sides = new Map<number, string[]>();
  let after: PagePosition | undefined;
  do {
    const page = await store.find(units, { key: 'number', limit: 1_000, ...(after && { after }) });
    for (const { number, side } of page.items) sides.set(number, [...(sides.get(number) ?? []), side]);
    ({ after } = page);
  } while (after);
  return sides;
}

async function toldUnits(store: Store): Promise<{ told: Map<number, unknown[]>; wrong: string[] }> {
  const told = new Map<number, unknown[]>();
  const wrong: string[] = [];
  const { head } = await store.log.state();
  for (let position = 0; position < head;) {
    const { events, upTo } = await store.log.read({ after: position, limit: 1_000 });
    for (const event of events) {
      position += 1;
      if (event.position !== position) wrong.push(`The log has ${event.position} where ${position} is due.`);
      const number = Number(event.entity.slice('unit:'.length));
      told.set(number, [...(told.get(number) ?? []), event.fields['side']]);
    }
    if (upTo !== position) wrong.push(`The log says it was read to ${upTo}, its events end at ${position}.`);
    position = upTo;
  }
  return { told, wrong };
}
