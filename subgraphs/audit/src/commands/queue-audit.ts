import { newId } from '@numberyard/kit/crypto/id';
import { ancestorsOf } from '@numberyard/kit/hierarchy/node';
import type { Actor } from '@numberyard/kit/log/event';
import { save, type Commit, type Instant } from '@numberyard/kit/storage/port';
import { WAITING, type AuditRun } from '../domain/audit-run.js';
import { leftOut, queued } from '../domain/run-life.js';
import { activeAudits, auditRuns } from '../models/audit-runs.js';
import { auditRunUpdated } from './run-events.js';

/** What to audit, and who wants it. */
export interface WantedAudit extends Pick<
  AuditRun,
  'customer' | 'path' | 'level' | 'dryRun' | 'trigger' | 'startedBy'
> {
  /** At level SITE; absent: all. */
  readonly sites?: readonly string[] | undefined;
  /** The dry run whose findings are applied. */
  readonly applies?: string;
  readonly actor: Actor;
  readonly time: Instant;
  readonly requestId?: string | undefined;
}

export interface QueuedAudit {
  readonly run: AuditRun;
  /** To be part of the commit. */
  readonly commit: Required<Pick<Commit, 'save' | 'events'>>;
}

/** Everything that puts an audit in the queue. An audit of the customer that has not ended makes the commit conflict: there is one at a time. */
export function queueAudit(wanted: WantedAudit): QueuedAudit {
  const run = runOf(wanted);
  const { id, customer, queuedAt } = run;
  const active = { id: customer, version: 0, run: id, queuedAt, lane: WAITING, cancel: false };
  return {
    run,
    commit: {
      save: [save(auditRuns, run), save(activeAudits, active)],
      events: [auditRunUpdated(run, 'QUEUED', wanted.actor, queuedAt)],
    },
  };
}

/** Everything that tells of an audit that a schedule was to start while the customer had another: CANCELLED with AUDIT_ACTIVE, without having begun. */
export function leaveOutAudit(wanted: WantedAudit): QueuedAudit {
  const run = leftOut(runOf(wanted), wanted.time);
  return {
    run,
    commit: {
      save: [save(auditRuns, run)],
      events: [auditRunUpdated(run, 'FINISHED', wanted.actor, wanted.time)],
    },
  };
}

function runOf({ actor: _actor, time, sites, requestId, path, ...asked }: WantedAudit): AuditRun {
  const more = { ...(sites && { sites }), ...(requestId !== undefined && { requestId }) };
  return queued({ ...asked, ...more, id: newId(), path, ancestors: ancestorsOf(path) }, time);
}

/** A document as it stands after the commit that made or changed it; of a new one whose id was never in use. */
export function stored<D extends { readonly version: number }>(doc: D): D {
  return { ...doc, version: doc.version + 1 };
}
