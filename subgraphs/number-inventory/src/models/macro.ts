/** Values of macros, one document for each node and name. */
import { defineCollection } from '@numberyard/kit/storage/collection';
import type { Doc } from '@numberyard/kit/storage/port';
import { Schema } from 'mongoose';

export interface MacroDoc extends Doc {
  readonly node: string;
  readonly name: string;
  readonly value: string;
}

const text = { type: String, required: true };

export const macros = defineCollection<MacroDoc>({
  name: 'macros',
  schema: new Schema({ node: text, name: text, value: text }),
});

export function macroId(node: string, name: string): string {
  return `${node}:${name}`;
}
