/** A commit as the committer hands it to an engine: checked, and a snapshot the caller can no longer change. */
import type { Conflict } from './port.js';
import type { Retention } from '../log/event.js';
import type { Instant } from './port.js';

export interface PreparedSave {
  readonly collection: string;
  readonly id: string;
  /** Version the stored document must have; 0: there is none. */
  readonly version: number;
  /** The document as JSON, without its version: the engine decides what that becomes. */
  readonly json: string;
}

export interface PreparedExpectation {
  readonly collection: string;
  readonly id: string;
  readonly version: number;
}

export interface PreparedEvent {
  readonly type: string;
  readonly retention: Retention;
  readonly entity: string;
  readonly time: Instant;
  /** What is left of the event, as JSON. */
  readonly json: string;
}

export interface PreparedRequest {
  readonly caller: string;
  readonly mutation: string;
  readonly key: string;
  readonly hash: string;
  /** The result as JSON. */
  readonly json: string;
  readonly time: Instant;
  /** A record older than this does not stand in the way. */
  readonly validFrom: Instant;
}

export interface PreparedCommit {
  readonly expect: readonly PreparedExpectation[];
  readonly save: readonly PreparedSave[];
  readonly remove: readonly PreparedExpectation[];
  readonly events: readonly PreparedEvent[];
  readonly request?: PreparedRequest;
  /** Documents written or expected, events included: what a group is bounded by. */
  readonly documents: number;
  /** Characters of JSON. */
  readonly size: number;
}

/** Commits an engine makes durable together. `id` is stored with the group's events, so that after an unknown outcome it can be looked up. */
export interface Group {
  readonly id: string;
  readonly commits: readonly PreparedCommit[];
}

/** The answer to one commit of a group: the log's position after it and the versions of what it saved, its conflicts, or the fault that hit it alone. */
export type Outcome =
  | { readonly position: number; readonly versions: readonly number[] }
  | { readonly conflicts: readonly Conflict[] }
  | { readonly fault: string };

/** What the committer asks of an engine. */
export interface GroupEngine {
  /** Apply a group durably; answers in the order of its commits. Rejects with a StoreError when none was applied. */
  applyGroup(group: Group): Promise<readonly Outcome[]>;
}
