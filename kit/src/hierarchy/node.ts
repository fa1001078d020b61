/** A node of the hierarchy as every subgraph but its owner keeps it. */
import { Schema } from 'mongoose';
import { defineCollection } from '../storage/collection.js';
import type { Doc } from '../storage/port.js';

export interface MirroredNode extends Doc {
  readonly type: string;
  readonly name: string;
  /** Ids from the root down to this node, joined by dots. */
  readonly path: string;
  readonly retired: boolean;
}

const text = { type: String, required: true };

export const mirroredNodes = defineCollection<MirroredNode>({
  name: 'mirroredNodes',
  schema: new Schema({ type: { type: String, required: true }, name: text, path: text, retired: Boolean }),
  keys: { byPath: { paths: ['path'], unique: true } },
});

/** A path as the ids on it, from the root down: what documents are found by at each of their ancestors. */
export function ancestorsOf(path: string): string[] {
  return path.split('.');
}
