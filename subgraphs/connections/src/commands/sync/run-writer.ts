/** Every write of a running run goes through here: it keeps the run, and stops it when it was cancelled or is run by somebody else. */
import { ContentionError } from '@numberyard/kit/commands/decide';
import { asRead, save, type Commit, type Conflict, type Store } from '@numberyard/kit/storage/port';
import { leases } from '@numberyard/kit/workers/collections';
import { LeaseLostError, type Lease } from '@numberyard/kit/workers/leases';
import type { ActiveRun, SyncRun } from '../../domain/run.js';
import { activeRuns, syncRuns } from '../../models/sync-runs.js';
import { stored } from '../queue-run.js';

/** Thrown when an administrator cancelled the run. */
export class RunCancelled extends Error {}

/** Thrown when the run was begun again elsewhere or has ended: what is done here must stop and leave no trace. */
export class RunSuperseded extends Error {}

const TRIES = 200;

/** What one write comes to. The run of `next` is saved in the same commit. */
export interface RunWrite {
  readonly next: SyncRun;
  readonly commit: Commit;
}

export class RunWriter {
  readonly #store: Store;
  readonly #lease: Lease;
  #run: SyncRun;
  #active: ActiveRun;

  constructor(store: Store, lease: Lease, run: SyncRun, active: ActiveRun) {
    this.#store = store;
    this.#lease = lease;
    this.#run = run;
    this.#active = active;
  }

  /** The run as it was last committed. */
  get run(): SyncRun {
    return this.#run;
  }

  /**
   * Commit a change of the run and what goes with it. One write at a time.
   * @param decide makes the change out of the run as it is; called again when the state changed in between
   * @throws RunCancelled, RunSuperseded, LeaseLostError, ContentionError, StoreError
   */
  async write(decide: (run: SyncRun) => Promise<RunWrite> | RunWrite): Promise<void> {
    await this.#commit(async (run, active) => {
      const { next, commit } = await decide(run);
      return { next, commit: { ...commit, expect: [asRead(activeRuns, active)] } };
    }, true);
  }

  /**
   * The last write: its commit also takes the run out of this lane, by removing or changing the active run.
   * @param heedsCancel false where the run ends whether it was cancelled or not
   */
  async leave(
    decide: (run: SyncRun, active: ActiveRun) => Promise<RunWrite> | RunWrite,
    heedsCancel = true,
  ): Promise<void> {
    await this.#commit(decide, heedsCancel);
  }

  /** The run as others have left it. @throws LeaseLostError, RunSuperseded */
  async #lookAgain(): Promise<void> {
    const { name, fence } = this.#lease;
    const [lease, run, active] = await Promise.all([
      this.#store.get(leases, name),
      this.#store.get(syncRuns, this.#run.id),
      this.#store.get(activeRuns, this.#run.connection),
    ]);
    if (lease?.version !== fence.version) throw new LeaseLostError(name);
    const mine = run?.state === 'RUNNING' && run.attempts === this.#run.attempts && active?.run === run.id;
    if (!mine) throw new RunSuperseded(`run ${this.#run.id} is no longer run here`);
    this.#run = run;
    this.#active = active;
  }

  #heedCancel(): void {
    if (this.#active.cancel) throw new RunCancelled(`run ${this.#run.id} was cancelled`);
  }

  async #commit(
    decide: (run: SyncRun, active: ActiveRun) => Promise<RunWrite> | RunWrite,
    heedsCancel: boolean,
  ): Promise<void> {
    let conflicts: readonly Conflict[] = [];
    for (let tries = 0; tries < TRIES; tries += 1) {
      const { next, commit } = await decide(this.#run, this.#active);
      const result = await this.#store.commit({
        ...commit,
        expect: [this.#lease.fence, ...(commit.expect ?? [])],
        save: [save(syncRuns, next), ...(commit.save ?? [])],
      });
      if (result.ok) {
        this.#run = stored(next);
        return;
      }
      conflicts = result.conflicts;
      await this.#lookAgain();
      if (heedsCancel) this.#heedCancel();
    }
    throw new ContentionError(TRIES, conflicts);
  }
}
