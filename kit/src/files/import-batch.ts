/** Some lines of an import, in one commit together with how far it has come. */
import { decide } from '../commands/decide.js';
import type { Refusal } from '../graph/refusal.js';
import { save, type Commit, type Instant, type Store } from '../storage/port.js';
import {
  imports,
  MOST_REFUSED_TOLD,
  refusedLine,
  refusedLines,
  type ImportCounts,
  type ImportDoc,
} from './import-collections.js';

/** What becomes of a line. */
export type Verdict = 'CREATED' | 'UPDATED' | 'EXISTING' | { readonly refused: readonly Refusal[] };

/** A verdict on each of some lines, and what has to be written for them to be true. */
export interface Judgement {
  readonly verdicts: readonly Verdict[];
  readonly commit: Pick<Commit, 'expect' | 'save' | 'events'>;
}

/** What is wanted of a few hundred lines, judged by what is stored now; called again when that changed before the commit. */
export type Judge<Draft> = (drafts: readonly Draft[], now: Instant) => Promise<Judgement>;

export interface BatchLine<Draft> {
  readonly line: number;
  /** Hash of the import's lines up to this one. */
  readonly chain: string;
  readonly wanted: { readonly draft: Draft } | { readonly problems: readonly Refusal[] };
}

export interface RefusedLine {
  readonly line: number;
  readonly errors: readonly Refusal[];
}

export interface Batch<Draft> {
  /** How far the import had come before. */
  readonly before: ImportDoc;
  /** At least one, unless it is the last batch. */
  readonly lines: readonly BatchLine<Draft>[];
  readonly last: boolean;
  /** Whether nothing is written. */
  readonly dryRun: boolean;
  readonly judge: Judge<Draft>;
  now(): Instant;
}

/** `other`: the import has come further than `before` by somebody else's doing; nothing was written. */
export type BatchOutcome =
  { readonly after: ImportDoc; readonly refused: readonly RefusedLine[] } | { readonly other: ImportDoc };

export async function importBatch<Draft>(store: Store, batch: Batch<Draft>): Promise<BatchOutcome> {
  const { before, lines, dryRun } = batch;
  return decide<BatchOutcome>(store, async () => {
    const stored = dryRun ? before : ((await store.get(imports, before.id)) ?? before);
    if (stored.line !== before.line || stored.chain !== before.chain || stored.done)
      return { value: { other: stored } };
    const now = batch.now();
    const { verdicts, commit } = await judgeAll(batch, now);
    const refused = lines.flatMap(({ line }, index) => {
      const verdict = verdicts[index];
      return typeof verdict === 'object' ? [{ line, errors: verdict.refused }] : [];
    });
    const told = refused.slice(0, Math.max(0, MOST_REFUSED_TOLD - before.refused));
    const after = { ...advanced(batch, verdicts, now), version: stored.version };
    const value = { after, refused: told };
    if (dryRun) return { value };
    const saves = [
      save(imports, after),
      ...told.map((each) => save(refusedLines, refusedLine(before.id, each.line, each.errors))),
      ...(commit.save ?? []),
    ];
    return { value, commit: { ...commit, save: saves, trusted: true } };
  });
}

/** A verdict on each line, in their order. */
async function judgeAll<Draft>({ lines, judge }: Batch<Draft>, now: Instant): Promise<Judgement> {
  const drafts = lines.flatMap(({ wanted }) => ('draft' in wanted ? [wanted.draft] : []));
  const { verdicts, commit } = await judge(drafts, now);
  if (verdicts.length !== drafts.length) throw new Error('an import judged more or fewer lines than it was given');
  const rest = verdicts.values();
  return {
    verdicts: lines.map(({ wanted }) =>
      'draft' in wanted ? (rest.next().value as Verdict) : { refused: wanted.problems },
    ),
    commit,
  };
}

function advanced<Draft>({ before, lines, last }: Batch<Draft>, verdicts: readonly Verdict[], now: Instant): ImportDoc {
  const count = (verdict: Verdict) => verdicts.filter((each) => each === verdict).length;
  const end = lines.at(-1);
  const counts: ImportCounts = {
    lines: before.lines + lines.length,
    created: before.created + count('CREATED'),
    updated: before.updated + count('UPDATED'),
    existing: before.existing + count('EXISTING'),
    refused: before.refused + verdicts.filter((each) => typeof each === 'object').length,
  };
  return { ...before, ...counts, ...(end && { line: end.line, chain: end.chain }), done: last, updatedAt: now };
}
