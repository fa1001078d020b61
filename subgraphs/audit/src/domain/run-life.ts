/** What moves a run from one state to the next. */
import type { Instant } from '@numberyard/kit/storage/port';
import type { AuditCounts, AuditError, AuditRun, AuditRunState, ListingPositions } from './audit-run.js';

export const NO_COUNTS: AuditCounts = { created: 0, updated: 0, unchanged: 0, skipped: 0, conflicts: 0 };

/** What a run is asked for with. */
export type AskedRun = Pick<
  AuditRun,
  'id' | 'customer' | 'path' | 'ancestors' | 'level' | 'dryRun' | 'trigger' | 'startedBy'
> &
  Partial<Pick<AuditRun, 'sites' | 'applies' | 'requestId'>>;

export function hasEnded(state: AuditRunState): boolean {
  return state !== 'QUEUED' && state !== 'RUNNING';
}

export function queued(asked: AskedRun, now: Instant): AuditRun {
  return {
    ...asked,
    version: 0,
    state: 'QUEUED',
    phase: asked.trigger === 'APPLY' ? 'NUMBERS' : 'DEVICE_PROFILES',
    compared: 0,
    counts: NO_COUNTS,
    findings: 0,
    findingCounts: [],
    batch: 0,
    sources: [],
    attempts: 0,
    queuedAt: now,
  };
}

/** Begin, or go on with: what was done so far was done. */
export function begun(run: AuditRun, now: Instant): AuditRun {
  return { ...run, state: 'RUNNING', attempts: run.attempts + 1, startedAt: run.startedAt ?? now };
}

/** Put back by a process that ends in an orderly way; that is no attempt. */
export function putBack(run: AuditRun): AuditRun {
  return { ...run, state: 'QUEUED', attempts: run.attempts - 1 };
}

export function succeeded(run: AuditRun, now: Instant): AuditRun {
  return { ...run, state: 'SUCCEEDED', finishedAt: now };
}

export function failed(run: AuditRun, now: Instant, error: AuditError): AuditRun {
  return { ...run, state: 'FAILED', finishedAt: now, error };
}

export function cancelled(run: AuditRun, now: Instant): AuditRun {
  return { ...run, state: 'CANCELLED', finishedAt: now };
}

/** One that a schedule was to start and that was left out. */
export function leftOut(run: AuditRun, now: Instant): AuditRun {
  const message = 'The schedule was due while the customer had an audit that had not ended; it was left out this time.';
  return { ...cancelled(run, now), error: { code: 'AUDIT_ACTIVE', message } };
}

/** The next phase, from its beginning. */
export function inPhase(run: AuditRun, phase: AuditRun['phase']): AuditRun {
  const { upTo: _upTo, positions: _positions, ...rest } = run;
  return { ...rest, phase };
}

/** A part of a phase that was gone through. */
export interface Passed {
  readonly upTo?: string;
  readonly positions?: ListingPositions;
  readonly compared: number;
  readonly counts: AuditCounts;
}

export function passed(run: AuditRun, { upTo, positions, compared, counts }: Passed): AuditRun {
  return {
    ...run,
    ...(upTo !== undefined && { upTo }),
    ...(positions && { positions }),
    compared: run.compared + compared,
    counts: plus(run.counts, counts),
  };
}

export function plus(a: AuditCounts, b: AuditCounts): AuditCounts {
  return {
    created: a.created + b.created,
    updated: a.updated + b.updated,
    unchanged: a.unchanged + b.unchanged,
    skipped: a.skipped + b.skipped,
    conflicts: a.conflicts + b.conflicts,
  };
}
