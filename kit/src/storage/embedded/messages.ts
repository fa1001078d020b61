/** What the store and its writer thread say to each other. */
import type { Group, Outcome } from '../prepared.js';
import type { Plan } from './layout.js';
import type { PruneOrder } from './prune.js';

/** What the writer thread is started with. */
export interface WriterData {
  readonly file: string;
  readonly plans: readonly Plan[];
}

export type Order =
  | { readonly kind: 'group'; readonly group: Group }
  | { readonly kind: 'prune'; readonly order: PruneOrder }
  | { readonly kind: 'verify' }
  | { readonly kind: 'close' };

export interface OrderMessage {
  readonly sequence: number;
  readonly order: Order;
}

/** `fault` instead of an answer: the order failed and left nothing behind. `code` is a StoreError's. */
export interface AnswerMessage {
  readonly sequence: number;
  readonly answer?: readonly Outcome[] | readonly string[] | number;
  readonly fault?: { readonly message: string; readonly code: 'INVALID' | 'UNAVAILABLE' };
}

/** Sequence of the answer to being started: sent once the file is ready for readers. */
export const READY = 0;
