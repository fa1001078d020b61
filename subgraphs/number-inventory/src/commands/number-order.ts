/** In which order numbers come: the one that is asked for, else the one their filter asks for. */
import { badInput } from '@numberyard/kit/graph/errors';
import type { NumberFilter } from './number-filter.js';

export interface NumberOrder {
  readonly field: 'NUMBER' | 'RELEASE_DATE' | 'ENDING';
  readonly direction: 'ASC' | 'DESC';
}

/**
 * An end or a range of dates is one stretch of the key that is in its order; in any other order it would be strewn all over.
 * @throws GraphQLError BAD_USER_INPUT for a combination that no key answers
 */
export function orderOf(filter: NumberFilter, orderBy: NumberOrder | null | undefined): NumberOrder {
  const isDated = filter.releaseDateFrom != null || filter.releaseDateBefore != null;
  if (filter.endsWith && isDated) {
    throw badInput(
      'filter.endsWith',
      'comes in the order ENDING, a release date in the order RELEASE_DATE; the two cannot be combined.',
    );
  }
  const forced = filter.endsWith ? 'ENDING' : isDated ? 'RELEASE_DATE' : undefined;
  if (!orderBy) return { field: forced ?? 'NUMBER', direction: 'ASC' };
  if (forced && orderBy.field !== forced) {
    const what = filter.endsWith ? 'endsWith' : 'releaseDateFrom or releaseDateBefore';
    throw badInput('orderBy.field', `must be ${forced}: a filter with ${what} comes in that order only.`);
  }
  return orderBy;
}
