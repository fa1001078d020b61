/**
 * The event log: the only way anything is told to anybody — to subscriptions, to the other subgraphs, to the history of an entity.
 * Positions are dense and in commit order: a reader that has seen n never later finds a new event below n.
 */
import type { Instant } from '../storage/port.js';

/** `history` is kept for ever; `passing` (progress, reachability, mirrored users) for thirty days by default. */
export type Retention = 'history' | 'passing';

/** Who did it: an API key, a worker, a subgraph. `id` never tells a secret. */
export interface Actor {
  readonly type: 'KEY' | 'WORKER';
  readonly id: string;
  readonly label?: string;
}

/** An event as a command makes it. Only typed fields that changed, never a whole document, never a secret. */
export interface NewEvent {
  readonly type: string;
  readonly retention: Retention;
  /** `<kind>:<id>` of what it happened to; what an entity's history is read by. */
  readonly entity: string;
  /** Hierarchy path (ids joined by dots) after the change; visibility is judged by it. */
  readonly path: string;
  /** Path before, when the entity moved. */
  readonly pathBefore?: string;
  readonly actor: Actor;
  /** What led to it, e.g. `sync:<run>`; for people and for joining. */
  readonly cause?: string;
  readonly time: Instant;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** An event as it was committed. */
export interface LoggedEvent extends NewEvent {
  readonly position: number;
}

export interface LogRead {
  /** Events after this position are read. */
  readonly after: number;
  readonly types?: readonly string[];
  /** At most 1,000. */
  readonly limit: number;
}

export interface LogBatch {
  readonly events: readonly LoggedEvent[];
  /** How far the log was read: events of other types up to here were passed over. Equal to `after` when nothing is new. */
  readonly upTo: number;
}

export interface LogState {
  readonly epoch: string;
  readonly head: number;
  /** Events at or below their kind's floor are gone. */
  readonly floors: Readonly<Record<Retention, number>>;
}

/** How far a follower has durably applied a log. */
export interface FollowerProgress {
  /** Name of the following store. */
  readonly follower: string;
  /** Of the log, when it was applied. */
  readonly epoch: string;
  readonly position: number;
}

/** A log as its readers see it, in the owner's process or in another. */
export interface FollowedLog {
  state(): Promise<LogState>;
  read(read: LogRead): Promise<LogBatch>;
  /**
   * Ring after commits, at once or late, possibly for nothing and possibly never: a doorbell, to be backed by a poll.
   * @returns the function that takes the listener off
   */
  onAppend(listener: () => void): () => void;
  /**
   * Tell the owner, so that it keeps what this follower has not read. Costs next to nothing, is told on at leisure and may be lost: it is told again
   * with every step. Absent where the log is read without the owner's knowledge.
   */
  report?(progress: FollowerProgress): void;
}

/** What of an entity's history is read, newest first. */
export interface EntityRead {
  /** At most 1,000. */
  readonly limit: number;
  /** Below this position. */
  readonly before?: number;
  /** At or before this time; the index alone tells, so what came later costs next to nothing. Order is that of positions, whatever the clocks were. */
  readonly until?: Instant;
  readonly types?: readonly string[];
}

/** A subgraph's own log. */
export interface EventLog extends FollowedLog {
  /** For histories. */
  ofEntity(entity: string, read: EntityRead): Promise<LoggedEvent[]>;
}
