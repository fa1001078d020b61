/**
 * Corrections that audits asked for; one document for each run, with its last batch: the id is the run's. Kept for seven days, so that a batch that is asked for
 * again is answered as the first time.
 */
import { defineCollection } from '@numberyard/kit/storage/collection';
import type { Doc, Instant } from '@numberyard/kit/storage/port';
import { Schema } from 'mongoose';

export interface CorrectionBatchDoc extends Doc {
  readonly batch: number;
  /** Until it is answered: set, with what was asked for, as JSON. */
  readonly pending?: 1;
  readonly asked?: string;
  /** How far the connections' log went when it was asked for. */
  readonly notBefore: { readonly epoch: string; readonly position: number };
  /** As JSON, so that it is told again as it was told. */
  readonly answer?: string;
  readonly updatedAt: Instant;
}

const text = { type: String, required: true };
const count = { type: Number, required: true, min: 0 };

export const correctionBatches = defineCollection<CorrectionBatchDoc>({
  name: 'correctionBatches',
  schema: new Schema({
    batch: count,
    pending: Number,
    asked: String,
    notBefore: new Schema({ epoch: text, position: count }, { _id: false }),
    answer: String,
    updatedAt: text,
  }),
  keys: { byPending: { paths: ['pending', 'updatedAt'] }, byAge: { paths: ['updatedAt'] } },
});
