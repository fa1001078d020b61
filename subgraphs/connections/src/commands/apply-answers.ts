/** What number-inventory says in its log, applied: the hierarchy it owns, and its answers to what runs have mirrored. */
import { mirrorNodes } from '@numberyard/kit/hierarchy/hierarchy';
import type { LoggedEvent } from '@numberyard/kit/log/event';
import { save, type Commit } from '@numberyard/kit/storage/port';
import { fieldsOf, type SyncBatchAppliedFields } from '@numberyard/schema/events';
import { MOST_KEPT_OF_ANSWERS, type FoundIssue, type SyncIssueKind } from '../domain/issue.js';
import { NO_EFFECT, succeeded, type SyncEffect } from '../domain/run.js';
import { activeRuns, syncEffects, syncRuns } from '../models/sync-runs.js';
import { nowOf, syncActor, type CommandContext } from './context.js';
import { endingOf } from './end-run.js';
import { newIssues } from './issues.js';

type AnswerContext = Pick<CommandContext, 'store' | 'clock'>;

/** What one run was answered by some events. */
interface Answer {
  readonly batches: SyncBatchAppliedFields[];
  /** Everything up to the run's APPLYING has been applied. */
  applied: boolean;
}

/** The effect of some events of number-inventory's log, in order. */
export async function applyAnswers(context: AnswerContext, events: readonly LoggedEvent[]): Promise<Commit> {
  const commits: Parts[] = [{ save: await mirrorNodes(context.store, events) }];
  for (const [run, answer] of answersByRun(events)) commits.push(...(await applyAnswer(context, run, answer)));
  return joined(commits);
}

function answersByRun(events: readonly LoggedEvent[]): Map<string, Answer> {
  const answers = new Map<string, Answer>();
  const of = (run: string) => {
    const answer = answers.get(run) ?? { batches: [], applied: false };
    answers.set(run, answer);
    return answer;
  };
  for (const event of events) {
    const batch = fieldsOf(event, 'SyncBatchApplied');
    if (batch) of(batch.run).batches.push(batch);
    const end = fieldsOf(event, 'SyncRunApplied');
    if (end) of(end.run).applied = true;
  }
  return answers;
}

async function applyAnswer(context: AnswerContext, id: string, { batches, applied }: Answer) {
  const { store } = context;
  const run = await store.get(syncRuns, id);
  if (!run) return [];
  const now = nowOf(context);
  const found = batches.flatMap((batch) => batch.issues.map(asFound));
  const before = await store.get(syncEffects, id);
  const full = (before?.issueCount ?? 0) >= MOST_KEPT_OF_ANSWERS;
  const issues = full ? [] : await newIssues(store, id, found, now);
  const effect = summed(before, id, batches, full ? found.length : issues.length);
  const commits: Parts[] = [{ save: [...issues, ...(batches.length > 0 ? [save(syncEffects, effect)] : [])] }];
  const active = await store.get(activeRuns, run.connection);
  // One that was cancelled while it waited has ended already; its effect is still counted.
  if (applied && run.state === 'APPLYING' && active?.run === id) {
    const next = succeeded(run, now, run.issueCount + effect.issueCount);
    commits.push({ save: [save(syncRuns, next)] }, await endingOf(store, next, active, syncActor, now));
  }
  return commits;
}

function asFound({ kind, subject, message }: SyncBatchAppliedFields['issues'][number]): FoundIssue {
  return { kind: kind as SyncIssueKind, subject, message };
}

function summed(
  old: SyncEffect | undefined,
  id: string,
  batches: readonly SyncBatchAppliedFields[],
  issues: number,
): SyncEffect {
  const sum = { id, version: 0, ...NO_EFFECT, ...old };
  return batches.reduce<SyncEffect>(
    (effect, batch) => ({
      ...effect,
      numbersCreated: effect.numbersCreated + batch.numbersCreated,
      numbersUsed: effect.numbersUsed + batch.numbersUsed,
      numbersCooling: effect.numbersCooling + batch.numbersCooling,
      numbersReturned: effect.numbersReturned + batch.numbersReturned,
    }),
    { ...sum, issueCount: sum.issueCount + issues },
  );
}

type Parts = Pick<Commit, 'save' | 'remove' | 'events'>;

function joined(parts: readonly Parts[]): Commit {
  return {
    save: parts.flatMap((part) => part.save ?? []),
    remove: parts.flatMap((part) => part.remove ?? []),
    events: parts.flatMap((part) => part.events ?? []),
  };
}
