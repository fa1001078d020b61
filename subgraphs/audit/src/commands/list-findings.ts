import { badInput } from '@numberyard/kit/graph/errors';
import type { Find } from '@numberyard/kit/storage/port';
import type { FindingKind } from '../domain/finding.js';

/** Which findings of a run. */
export interface FindingFilter {
  readonly kind?: FindingKind | null;
  /** What their numbers begin with; they come in order of number then. */
  readonly numberStartsWith?: string | null;
}

/** Longest beginning of a number that is looked for, characters. */
const LONGEST = 64;

/**
 * How the findings of a run are found, in the order they were made or by number.
 * @throws GraphQLError BAD_USER_INPUT
 */
export function findingsOf(
  run: string,
  { kind, numberStartsWith: start }: FindingFilter,
): Pick<Find, 'key' | 'equals' | 'next'> {
  if (start != null && (start === '' || start.length > LONGEST))
    throw badInput('numberStartsWith', `must have 1 to ${LONGEST} characters.`);
  const equals = kind == null ? [run] : [run, kind];
  if (start == null) return { key: kind == null ? 'byRun' : 'byRunKind', equals };
  // A plus may be written as dial plans do, as everywhere.
  const prefix = start.startsWith('\\+') ? start.slice(1) : start;
  return { key: kind == null ? 'byRunNumber' : 'byRunKindNumber', equals, next: { prefix } };
}
