/** Commits of numbered units, several at a time. */
import { save, type Store } from '@numberyard/kit/storage/port';
import { tallies, type Unit, units } from './storage-units.js';

export interface UnitWriting {
  /** Number of the first unit. */
  readonly first: number;
  /** Commits under way at once. */
  readonly writers: number;
  /** Told after each acknowledged commit: the unit's number and how long the answer took, milliseconds. */
  acknowledged(number: number, tookMs: number): void;
  /** Asked before each commit. */
  ended?(): boolean;
}

/** Write until `ended`. @throws Error when a commit is not acknowledged */
export async function writeUnits(store: Store, writing: UnitWriting): Promise<void> {
  let next = writing.first;
  const write = async (writer: string) => {
    while (!writing.ended?.()) {
      const number = next;
      next += 1;
      const began = performance.now();
      await writeUnit(store, writer, number);
      writing.acknowledged(number, performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: writing.writers }, (_, index) => write(`writer-${index}`)));
}

async function writeUnit(store: Store, writer: string, number: number): Promise<void> {
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
}
