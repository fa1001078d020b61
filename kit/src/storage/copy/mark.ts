/** The mark of a database that is being filled by `npm run restore` or `npm run transfer`: nothing may work on half an installation. */
import { type Instant, StoreError } from '../port.js';

export interface CopyMark {
  readonly kind: 'restore' | 'transfer';
  /** Of the very thing that is copied: a run that finds its own id goes on, any other keeps off. */
  readonly id: string;
  /** When the copy began. */
  readonly since: Instant;
  /** Epoch the copy gets; without one it keeps that of its source. */
  readonly epoch?: string;
}

/** Names of the facts that hold the mark of a copy under way, and of the one that was finished here. */
export const UNFINISHED = 'copy.unfinished';
export const FINISHED = 'copy.finished';

/** What to tell whoever wants to work on a database with this mark. */
export function unfinished(database: string, mark: CopyMark): StoreError {
  return new StoreError(
    // Not one that waiting mends: somebody has to run it again.
    'INVALID',
    `${database} holds an unfinished ${mark.kind} (begun ${mark.since}). ` +
      `Run the same "npm run ${mark.kind}" again to finish it, or remove the database to give it up.`,
  );
}

/** @throws StoreError INVALID when `mark`, as it is stored, is one of a copy under way */
export function refuseUnfinished(database: string, mark: unknown): void {
  if (typeof mark === 'string') throw unfinished(database, readMark(mark));
}

export function readMark(text: string): CopyMark {
  return JSON.parse(text) as CopyMark;
}
