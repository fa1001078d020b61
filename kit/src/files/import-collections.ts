/**
 * Imports: how far each has come, and the lines it refused. Both are written in the commit that takes the lines, so that an import that was killed goes on
 * where it stopped and ends with the report it would have had. Kept for seven days after the last line, like other requests.
 */
import { Schema } from 'mongoose';
import type { Refusal } from '../graph/refusal.js';
import { defineCollection } from '../storage/collection.js';
import type { Doc, Instant } from '../storage/port.js';

export interface ImportCounts {
  /** Lines that hold something, without the header. */
  readonly lines: number;
  readonly created: number;
  readonly updated: number;
  /** Of things that exist and stay as they are. */
  readonly existing: number;
  readonly refused: number;
}

export interface ImportDoc extends Doc, ImportCounts {
  /** Of what it was asked with, but for the lines. */
  readonly parameters: string;
  /** The last line that was taken or refused, and the hash of all up to it. */
  readonly line: number;
  readonly chain: string;
  readonly done: boolean;
  readonly updatedAt: Instant;
}

/** A line that was refused; `id` is the import's and the line's. */
export interface RefusedLineDoc extends Doc {
  readonly import: string;
  readonly line: number;
  readonly reasons: readonly Refusal[];
}

const text = { type: String, required: true };
const count = { type: Number, required: true, min: 0 };
const error = new Schema({ code: text, message: text, field: String }, { _id: false });

export const imports = defineCollection<ImportDoc>({
  name: 'imports',
  schema: new Schema({
    parameters: text,
    line: count,
    // Empty before the first line, which mongoose would take for missing.
    chain: String,
    done: Boolean,
    updatedAt: text,
    lines: count,
    created: count,
    updated: count,
    existing: count,
    refused: count,
  }),
  keys: { byAge: { paths: ['updatedAt'] } },
});

export const refusedLines = defineCollection<RefusedLineDoc>({
  name: 'refusedLines',
  schema: new Schema({ import: text, line: count, reasons: [error] }),
  keys: { byLine: { paths: ['import', 'line'] } },
});

/** Part of the declaration of each subgraph that has imports. */
export const importCollections = [imports, refusedLines];

/** Refused lines that are told of one import; of those beyond only the number is. */
export const MOST_REFUSED_TOLD = 10_000;

export function refusedLine(of: string, line: number, reasons: readonly Refusal[]): RefusedLineDoc {
  return { id: `${of}:${line}`, version: 0, import: of, line, reasons };
}
