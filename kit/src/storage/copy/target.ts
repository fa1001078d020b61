/** What an image is copied into: a store that nobody works on. */
import type { Part, Row, RowKey, StoreFacts, StoreImage } from './image.js';
import type { CopyMark } from './mark.js';

export type TargetState =
  | { readonly kind: 'EMPTY' }
  /** A copy was begun here and not finished. */
  | { readonly kind: 'UNFINISHED'; readonly mark: CopyMark }
  /** Documents, events or requests are here. */
  | { readonly kind: 'OCCUPIED'; readonly finished?: CopyMark };

/** One engine's way of taking an image in. Only one process uses it at a time. */
export interface StoreTarget {
  readonly name: string;
  /** For messages, e.g. the file. */
  readonly place: string;
  /** Looks only: nothing is made of a target that is refused afterwards. */
  state(): Promise<TargetState>;
  /** Mark an empty one, durably, before anything is written. */
  begin(mark: CopyMark): Promise<void>;
  /** Key of the last row written of a part, in the part's order. */
  last(part: Part): Promise<RowKey | undefined>;
  /** Write rows in their order; those that are there already are replaced. A kill leaves the first of them. */
  write(part: Part, rows: readonly Row[]): Promise<void>;
  /** Forget what was written of a part. */
  clear(part: Part): Promise<void>;
  /** Make collections, keys or indexes, and counters of the documents. @param told called with the name of each collection that is done */
  align(told: (collection: string) => void): Promise<void>;
  setFacts(facts: StoreFacts): Promise<void>;
  /** Recount what is derived; sentences about what is wrong. After {@link setFacts}. */
  check(): Promise<string[]>;
  /** What was written, to compare it with its source. Of use until this target is closed. */
  image(): StoreImage;
  /** Take the mark off: from now on services may start. */
  finish(mark: CopyMark): Promise<void>;
  close(): Promise<void>;
}
