/**
 * Writes what a run finds out: in commits of a few hundred documents, each with its event, its issues and the run's progress, in the order of the
 * listing. One commit is under way at a time while the next is being gathered, and whoever is faster than the database has to wait.
 */
import { asRead, save } from '@numberyard/kit/storage/port';
import { giveWay } from '@numberyard/kit/workers/courtesy';
import type { RegisteredUserChange } from '@numberyard/schema/events';
import type { MirrorStep } from '../../domain/diff.js';
import type { FoundIssue } from '../../domain/issue.js';
import type { SyncRun } from '../../domain/run.js';
import { registeredUsers } from '../../models/registered-users.js';
import { nowOf, syncActor } from '../context.js';
import { runUpdated, usersChanged } from '../run-events.js';
import { IssueKeeper } from './issue-keeper.js';
import type { Job } from './job.js';

/** Users in one commit, and so in one event. */
const BATCH = 300;
/** Commits that may wait behind the one under way. */
const WAITING = 2;
/** Progress is saved this often when there is nothing else to write, milliseconds. */
const BREATH = 1_000;

interface Batch {
  readonly steps: readonly MirrorStep[];
  readonly issues: readonly FoundIssue[];
  readonly listed: ListedSoFar;
}

interface ListedSoFar {
  readonly fetched: number;
  readonly total?: number;
  readonly unchanged: number;
}

export class MirrorWriter {
  readonly #job: Job;
  readonly #issues: IssueKeeper;
  #steps: MirrorStep[] = [];
  #found: FoundIssue[] = [];
  #listed: ListedSoFar = { fetched: 0, unchanged: 0 };
  /** The last commit asked for. Each begins when the one before it has ended well, so after a failure nothing is written any more. */
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #told: ListedSoFar = this.#listed;
  #lastWrite: number;

  constructor(job: Job) {
    this.#job = job;
    this.#issues = new IssueKeeper(job);
    this.#lastWrite = job.context.clock.monotonic();
  }

  /** Count records that were read, for the progress. */
  count(fetched: number, total: number, unchanged: number): void {
    this.#listed = {
      fetched: this.#listed.fetched + fetched,
      total,
      unchanged: this.#listed.unchanged + unchanged,
    };
  }

  async add(steps: readonly MirrorStep[], issues: readonly FoundIssue[]): Promise<void> {
    this.#steps.push(...steps);
    this.#found.push(...issues);
    while (this.#steps.length >= BATCH || this.#found.length >= BATCH) {
      this.#send();
      if (this.#waiting > WAITING) await this.#last;
    }
    this.breathe();
  }

  /** Save the progress and what has been gathered if that was not done for a while; called from time to time, also while a page is waited for. */
  breathe(): void {
    const rested = this.#job.context.clock.monotonic() - this.#lastWrite >= BREATH;
    const anything = this.#steps.length > 0 || this.#found.length > 0 || this.#told !== this.#listed;
    if (rested && anything && this.#waiting === 0) this.#send();
  }

  /** Resolves when everything has been written. */
  async flush(): Promise<void> {
    while (this.#steps.length > 0 || this.#found.length > 0) this.#send();
    await this.#last;
  }

  /** Resolves when nothing is under way any more, whatever became of it; what was not asked for yet is dropped. */
  async settle(): Promise<void> {
    this.#steps = [];
    this.#found = [];
    await Promise.allSettled([this.#last]);
  }

  /** How far the listing has come, for the run's last save. */
  withProgress(run: SyncRun): SyncRun {
    return { ...run, progress: { ...run.progress, ...this.#listed } };
  }

  #send(): void {
    const batch: Batch = {
      steps: this.#steps.splice(0, BATCH),
      issues: this.#found.splice(0, BATCH),
      listed: this.#listed,
    };
    this.#told = this.#listed;
    this.#lastWrite = this.#job.context.clock.monotonic();
    this.#waiting += 1;
    this.#last = this.#last.then(() => this.#commit(batch)).finally(() => (this.#waiting -= 1));
    // Whoever waits for it hears of a failure; until then it must not count as unhandled.
    this.#last.catch(() => undefined);
  }

  async #commit({ steps, issues, listed }: Batch): Promise<void> {
    await giveWay();
    const { connection, context, writer } = this.#job;
    const changes = steps.flatMap((step) => step.change ?? []).sort(byNumber);
    const kept = await this.#issues.keep(issues);
    await writer.write((run) => {
      const time = nowOf(context);
      const next = advanced(run, steps, issues.length, listed);
      return {
        next: changes.length > 0 ? { ...next, told: true } : next,
        commit: {
          trusted: true,
          save: [
            ...steps.flatMap((step) => (step.kind === 'removed' ? [] : [save(registeredUsers, step.user)])),
            ...kept,
          ],
          remove: steps.flatMap((step) => (step.kind === 'removed' ? [asRead(registeredUsers, step.user)] : [])),
          events: [
            ...(changes.length > 0 ? [usersChanged(run, connection, changes, syncActor, time)] : []),
            runUpdated(run, 'PROGRESSED', syncActor, time),
          ],
        },
      };
    });
  }
}

/** In this order number-inventory finds and writes numbers side by side, not all over its keys; a Routing Manager lists in any order. */
function byNumber(one: RegisteredUserChange, other: RegisteredUserChange): number {
  const [a, b] = [one.after ?? one.before ?? '', other.after ?? other.before ?? ''];
  return a < b ? -1 : Number(a > b);
}

function advanced(run: SyncRun, steps: readonly MirrorStep[], issues: number, listed: ListedSoFar): SyncRun {
  const { added, updated, removed } = run.progress;
  const of = (kind: MirrorStep['kind']) => steps.filter((step) => step.kind === kind).length;
  return {
    ...run,
    issueCount: run.issueCount + issues,
    progress: {
      ...listed,
      added: added + of('added'),
      updated: updated + of('updated'),
      removed: removed + of('removed'),
    },
  };
}
