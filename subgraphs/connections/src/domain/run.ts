/** A run of a data sync: its states and what moves it from one to the next. */
import type { Doc, Instant } from '@numberyard/kit/storage/port';
import type { DataSyncKind } from './items.js';
import type { DeviceErrorCode } from './refusals.js';

export type SyncRunState =
  'QUEUED' | 'RUNNING' | 'APPLYING' | 'SUCCEEDED' | 'SUCCEEDED_WITH_ISSUES' | 'FAILED' | 'CANCELLED';
export type SyncTrigger = 'MANUAL' | 'SAVE' | 'SCHEDULE' | 'DELETION';

export interface SyncError {
  readonly code: DeviceErrorCode | 'EMPTY_LISTING' | 'DELETE_THRESHOLD' | 'RUN_ACTIVE' | 'INTERRUPTED' | 'INTERNAL';
  readonly message: string;
}

export interface SyncProgress {
  /** Records read from the Routing Manager in this attempt. */
  readonly fetched: number;
  /** Absent until the Routing Manager has said so. */
  readonly total?: number;
  readonly added: number;
  readonly updated: number;
  readonly removed: number;
  readonly unchanged: number;
}

export interface SyncRun extends Doc {
  readonly connection: string;
  readonly path: string;
  readonly ancestors: readonly string[];
  readonly kind: DataSyncKind;
  readonly trigger: SyncTrigger;
  readonly state: SyncRunState;
  readonly progress: SyncProgress;
  /** How often it was begun; more than once after its process died. */
  readonly attempts: number;
  /** Set once a change was told to number-inventory, so that the run waits for the answer whichever attempt told it. */
  readonly told: boolean;
  /** Issues found while mirroring; those number-inventory found are counted in {@link SyncEffect}. */
  readonly issueCount: number;
  readonly queuedAt: Instant;
  /** Of the request that queued it, for the log and the calls to the Routing Manager; absent when a schedule did. */
  readonly requestId?: string;
  readonly startedAt?: Instant;
  readonly finishedAt?: Instant;
  readonly error?: SyncError;
}

/** What number-inventory did with a run's changes. Apart from the run, because it is written by another worker while the run goes on. Id: the run's. */
export interface SyncEffect extends Doc {
  readonly numbersCreated: number;
  readonly numbersUsed: number;
  readonly numbersCooling: number;
  readonly numbersReturned: number;
  readonly issueCount: number;
}

/**
 * The run of a connection that has not ended; there is at most one because its id is the connection's. Every commit of a running run expects it, so a run
 * that is cancelled or begun again by another process writes nothing more.
 */
export interface ActiveRun extends Doc {
  readonly run: string;
  readonly queuedAt: Instant;
  /** {@link WAITING}, the number of the lane that runs it, or {@link APPLYING}. */
  readonly lane: number;
  /** The run is to end as soon as its runner notices. */
  readonly cancel: boolean;
}

export const WAITING = 0;
export const APPLYING = -1;

/** A run whose process died is begun again this often before it is given up. */
export const MOST_ATTEMPTS = 3;

export const NO_PROGRESS: SyncProgress = { fetched: 0, added: 0, updated: 0, removed: 0, unchanged: 0 };
export const NO_EFFECT: Omit<SyncEffect, 'id' | 'version'> = {
  numbersCreated: 0,
  numbersUsed: 0,
  numbersCooling: 0,
  numbersReturned: 0,
  issueCount: 0,
};

export function hasEnded(state: SyncRunState): boolean {
  return state !== 'QUEUED' && state !== 'RUNNING' && state !== 'APPLYING';
}

export function queued(
  run: Pick<SyncRun, 'id' | 'connection' | 'path' | 'ancestors' | 'kind' | 'trigger' | 'requestId'>,
  now: Instant,
): SyncRun {
  return {
    ...run,
    version: 0,
    state: 'QUEUED',
    progress: NO_PROGRESS,
    attempts: 0,
    told: false,
    issueCount: 0,
    queuedAt: now,
  };
}

/** Begin, or begin again. What was added, updated and removed so far was done and keeps counting; the listing starts over. */
export function begun(run: SyncRun, now: Instant): SyncRun {
  const { added, updated, removed } = run.progress;
  return {
    ...run,
    state: 'RUNNING',
    attempts: run.attempts + 1,
    startedAt: run.startedAt ?? now,
    issueCount: 0,
    progress: { ...NO_PROGRESS, added, updated, removed },
  };
}

/** Put back by a process that ends in an orderly way; that is no attempt. */
export function putBack(run: SyncRun): SyncRun {
  return { ...run, state: 'QUEUED', attempts: run.attempts - 1 };
}

export function succeeded(run: SyncRun, now: Instant, issues: number): SyncRun {
  return { ...run, state: issues > 0 ? 'SUCCEEDED_WITH_ISSUES' : 'SUCCEEDED', finishedAt: now };
}

export function failed(run: SyncRun, now: Instant, error: SyncError): SyncRun {
  return { ...run, state: 'FAILED', finishedAt: now, error };
}

/** One that a schedule was to queue and that was left out. */
export function leftOut(run: SyncRun, now: Instant): SyncRun {
  const message = 'The schedule was due while the connection had a run that had not ended; it was left out this time.';
  return { ...cancelled(run, now), error: { code: 'RUN_ACTIVE', message } };
}

export function cancelled(run: SyncRun, now: Instant): SyncRun {
  return { ...run, state: 'CANCELLED', finishedAt: now };
}
