import type { Save } from '@numberyard/kit/storage/port';
import { MOST_KEPT_PER_KIND, type FoundIssue, type SyncIssueKind } from '../../domain/issue.js';
import { nowOf } from '../context.js';
import { newIssues } from '../issues.js';
import type { Job } from './job.js';

/** Which of the issues a run finds become documents: the first thousand of each kind. */
export class IssueKeeper {
  readonly #job: Pick<Job, 'context' | 'writer'>;
  readonly #kept = new Map<SyncIssueKind, number>();

  constructor(job: Pick<Job, 'context' | 'writer'>) {
    this.#job = job;
  }

  keep(found: readonly FoundIssue[]): Promise<Save[]> {
    const { context, writer } = this.#job;
    return newIssues(
      context.store,
      writer.run.id,
      found.filter((issue) => this.#fits(issue)),
      nowOf(context),
    );
  }

  #fits({ kind }: FoundIssue): boolean {
    const kept = this.#kept.get(kind) ?? 0;
    this.#kept.set(kind, kept + 1);
    return kept < MOST_KEPT_PER_KIND;
  }
}
