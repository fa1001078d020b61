/** Every write of a running audit goes through here: it keeps the run, and stops it when it was cancelled or is run by somebody else. */
import type { Clock } from '@numberyard/kit/clock/clock';
import { ContentionError } from '@numberyard/kit/commands/decide';
import type { NewEvent } from '@numberyard/kit/log/event';
import { asRead, save, type Commit, type Conflict, type Store } from '@numberyard/kit/storage/port';
import { leases } from '@numberyard/kit/workers/collections';
import { LeaseLostError, type Lease } from '@numberyard/kit/workers/leases';
import type { ActiveAudit, AuditRun } from '../../domain/audit-run.js';
import { activeAudits, auditRuns } from '../../models/audit-runs.js';
import { auditActor, nowOf } from '../context.js';
import { stored } from '../queue-audit.js';
import { auditRunUpdated } from '../run-events.js';

/** Thrown when an administrator cancelled the audit. */
export class AuditCancelled extends Error {}

/** Thrown when the audit was begun again elsewhere or has ended: what is done here must stop and leave no trace. */
export class AuditSuperseded extends Error {}

const TRIES = 200;
/** Milliseconds between two events that only tell of progress. */
const BETWEEN_EVENTS = 300;

/** What one write comes to. The run of `next` is saved in the same commit. */
export interface AuditWrite {
  readonly next: AuditRun;
  readonly commit: Commit;
}

export class AuditWriter {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #lease: Lease;
  #run: AuditRun;
  #active: ActiveAudit;
  #toldAt = -Infinity;

  constructor(deps: { store: Store; clock: Clock }, lease: Lease, run: AuditRun, active: ActiveAudit) {
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#lease = lease;
    this.#run = run;
    this.#active = active;
  }

  /** The run as it was last committed. */
  get run(): AuditRun {
    return this.#run;
  }

  /** Whether the run was cancelled, as far as is known here. */
  get isCancelled(): boolean {
    return this.#active.cancel;
  }

  /**
   * Commit a change of the run and what goes with it, and tell of its progress now and then. One write at a time.
   * @param decide makes the change out of the run as it is; called again when the state changed in between
   * @param heedsCancel false for what has to be written whether the run was cancelled or not
   * @throws AuditCancelled, AuditSuperseded, LeaseLostError, ContentionError, StoreError
   */
  async write(decide: (run: AuditRun) => Promise<AuditWrite> | AuditWrite, heedsCancel = true): Promise<void> {
    const telling = this.#clock.monotonic() - this.#toldAt >= BETWEEN_EVENTS;
    await this.#commit(async (run, active) => {
      const { next, commit } = await decide(run);
      const events: NewEvent[] = [...(commit.events ?? [])];
      if (telling) events.push(auditRunUpdated(next, 'PROGRESSED', auditActor, nowOf({ clock: this.#clock })));
      return { next, commit: { ...commit, events, expect: [asRead(activeAudits, active)] } };
    }, heedsCancel);
    if (telling) this.#toldAt = this.#clock.monotonic();
  }

  /** The last write: its commit also takes the run out of this lane, by removing or changing the active run. */
  async leave(
    decide: (run: AuditRun, active: ActiveAudit) => Promise<AuditWrite> | AuditWrite,
    heedsCancel = true,
  ): Promise<void> {
    await this.#commit(decide, heedsCancel);
  }

  /** The run as others have left it. @throws LeaseLostError, AuditSuperseded */
  async #lookAgain(): Promise<void> {
    const { name, fence } = this.#lease;
    const [lease, run, active] = await Promise.all([
      this.#store.get(leases, name),
      this.#store.get(auditRuns, this.#run.id),
      this.#store.get(activeAudits, this.#run.customer),
    ]);
    if (lease?.version !== fence.version) throw new LeaseLostError(name);
    const mine = run?.state === 'RUNNING' && run.attempts === this.#run.attempts && active?.run === run.id;
    if (!mine) throw new AuditSuperseded(`audit ${this.#run.id} is no longer run here`);
    this.#run = run;
    this.#active = active;
  }

  async #commit(
    decide: (run: AuditRun, active: ActiveAudit) => Promise<AuditWrite> | AuditWrite,
    heedsCancel: boolean,
  ): Promise<void> {
    let conflicts: readonly Conflict[] = [];
    for (let tries = 0; tries < TRIES; tries += 1) {
      if (heedsCancel && this.#active.cancel) throw new AuditCancelled(`audit ${this.#run.id} was cancelled`);
      const { next, commit } = await decide(this.#run, this.#active);
      const result = await this.#store.commit({
        ...commit,
        expect: [this.#lease.fence, ...(commit.expect ?? [])],
        save: [save(auditRuns, next), ...(commit.save ?? [])],
      });
      if (result.ok) {
        this.#run = stored(next);
        return;
      }
      conflicts = result.conflicts;
      await this.#lookAgain();
    }
    throw new ContentionError(TRIES, conflicts);
  }
}
