/** What is found becomes findings of a run, and counts. */
import type { Instant } from '@numberyard/kit/storage/port';
import type { Correction, CorrectionKind } from '@numberyard/schema/internal';
import type { AuditBatch, AuditCounts, AuditRun } from './audit-run.js';
import { errorOf, type Finding, type FindingKind } from './finding.js';
import { NO_COUNTS, plus } from './run-life.js';

/** A finding before it has its place in a run. */
export type Found = Omit<Finding, 'id' | 'version' | 'run' | 'seq' | 'customer' | 'time'>;

/** What a finding of each kind counts as. */
const COUNTED = {
  CREATED: 'created',
  MARKED_USED: 'updated',
  USES_CORRECTED: 'updated',
  FREED: 'updated',
  COOLED: 'updated',
  SKIPPED_COOLING: 'skipped',
  SKIPPED_RESERVED: 'skipped',
  EXISTS_AT_CUSTOMER: 'conflicts',
  EXISTS_AT_OTHER_SITE: 'conflicts',
  NO_HOME: 'conflicts',
  CHANGED_MEANWHILE: 'conflicts',
  VENDOR_CONFLICT: 'conflicts',
  CONNECTION_CONFLICT: 'conflicts',
  DUPLICATE_DEVICE_PROFILE: 'conflicts',
  DUPLICATE_PHONE: 'conflicts',
  DUPLICATE_NUMBER: 'conflicts',
} as const satisfies Readonly<Record<FindingKind, keyof AuditCounts>>;

/** Kinds that are corrections, which a dry run proposes. */
const CORRECTIONS: ReadonlySet<FindingKind> = new Set(['CREATED', 'MARKED_USED', 'USES_CORRECTED', 'FREED', 'COOLED']);

const CONFLICTS = {
  VENDOR_CONFLICT: 'Several vendors use the number; the earliest is shown.',
  CONNECTION_CONFLICT: 'Several connections have a device with the number; the earliest is shown.',
} as const;

/** How many proposals a dry run made, which is what an applying run goes through. */
export function proposalsOf({ findingCounts }: Pick<AuditRun, 'findingCounts'>): number {
  return findingCounts.reduce((sum, { kind, count }) => (CORRECTIONS.has(kind) ? sum + count : sum), 0);
}

/**
 * What came of one number that was handed over: its findings, the one that tells what was done last, and nothing for a number that is right or not audited.
 */
export function foundOf(
  correction: Correction,
  asked: AuditBatch['numbers'][number],
  run: Pick<AuditRun, 'dryRun' | 'trigger'>,
): Found[] {
  const { kind, number, path, before, after } = correction;
  if (kind === 'OUT_OF_SCOPE') return [];
  const isThere = before !== null || (after !== null && !run.dryRun);
  const about = { path, number, ...(isThere && { numberId: correction.id }) };
  const found: Found[] = [];
  // What an applying run goes through was judged by its dry run, which has told of it.
  if (asked.duplicate !== undefined && run.trigger !== 'APPLY') {
    const cause = `${errorOf('DUPLICATE_NUMBER')} ${asked.duplicate}`;
    found.push({ ...about, kind: 'DUPLICATE_NUMBER', outcome: 'REPORTED', cause });
  }
  for (const conflict of correction.conflicts) {
    const cause = `${CONFLICTS[conflict]} ${correction.cause}`;
    found.push({ ...about, kind: conflict, outcome: 'REPORTED', cause });
  }
  if (kind === 'UNCHANGED') return found;
  const corrects = CORRECTIONS.has(kind);
  const outcome = !corrects ? 'REPORTED' : run.dryRun ? 'PROPOSED' : 'APPLIED';
  found.push({
    ...about,
    kind,
    outcome,
    ...(before && { before }),
    ...(after && { after }),
    cause: correction.cause,
    ...(outcome === 'PROPOSED' && asked.mark !== null && { mark: asked.mark }),
  });
  return found;
}

/** What numbers that need no finding count as. */
export function countedAs(kind: CorrectionKind): AuditCounts {
  return kind === 'UNCHANGED' ? { ...NO_COUNTS, unchanged: 1 } : NO_COUNTS;
}

/** The run with these findings, in their order, and the findings with their places in it. */
export function withFindings(
  run: AuditRun,
  found: readonly Found[],
  now: Instant,
): { readonly run: AuditRun; readonly findings: readonly Finding[] } {
  const kinds = new Map(run.findingCounts.map(({ kind, count }) => [kind, count]));
  let { counts } = run;
  const findings = found.map((each, index): Finding => {
    const seq = run.findings + index + 1;
    kinds.set(each.kind, (kinds.get(each.kind) ?? 0) + 1);
    counts = plus(counts, { ...NO_COUNTS, [COUNTED[each.kind]]: 1 });
    return { ...each, id: `${run.id}:${seq}`, version: 0, run: run.id, seq, customer: run.customer, time: now };
  });
  const findingCounts = [...kinds].map(([kind, count]) => ({ kind, count }));
  return { run: { ...run, findings: run.findings + findings.length, findingCounts, counts }, findings };
}
