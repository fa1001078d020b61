/** The collections of the storage fault test, shared by the process that is killed and the test that looks at what is left. */
import { Schema } from 'mongoose';
import { defineCollection } from '@numberyard/kit/storage/collection';
import type { Doc } from '@numberyard/kit/storage/port';

/** Half of a numbered unit: a commit writes both. */
export interface Unit extends Doc {
  readonly number: number;
  readonly side: 'left' | 'right';
  readonly nodes: readonly string[];
}

export const units = defineCollection<Unit>({
  name: 'units',
  schema: new Schema({ number: Number, side: String, nodes: [String] }),
  keys: {
    number: { paths: ['number', 'side'], unique: true },
    node: { paths: ['nodes', 'number'] },
  },
  counters: { sides: { at: 'nodes', by: ['side'] } },
});

/** What one writer has written, counted in the same commits. */
export interface Tally extends Doc {
  readonly sum: number;
}

export const tallies = defineCollection<Tally>({ name: 'tallies', schema: new Schema({ sum: Number }) });
