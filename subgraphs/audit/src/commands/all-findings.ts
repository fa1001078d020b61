/** All findings of a run that match, page by page: as many as there are, and never more than a page of them in memory. */
import { badInput } from '@numberyard/kit/graph/errors';
import type { KeyValue, PagePosition, Store } from '@numberyard/kit/storage/port';
import type { Finding } from '../domain/finding.js';
import { findings } from '../models/findings.js';
import { findingsOf, type FindingFilter } from './list-findings.js';

export const FINDINGS_PER_PAGE = 500;

export interface FindingQuery {
  /** Has to be visible to whoever asks. */
  readonly run: string;
  readonly filter: FindingFilter;
  /** The finding to go on after, of the same run and filter. */
  readonly after?: string | undefined;
}

/**
 * Between pages others get their turn.
 * @throws GraphQLError BAD_USER_INPUT
 */
export async function* allFindings(store: Store, query: FindingQuery): AsyncGenerator<readonly Finding[]> {
  const find = findingsOf(query.run, query.filter);
  let after = query.after === undefined ? undefined : await positionOf(store, find, query.after);
  do {
    const page = await store.find(findings, { ...find, limit: FINDINGS_PER_PAGE, ...(after && { after }) });
    if (page.items.length > 0) yield page.items;
    after = page.after;
    await new Promise((resolve) => setImmediate(resolve));
  } while (after);
}

/** Where a finding stands in the order that is asked for. Findings stay, so whichever an export ended with is there. */
async function positionOf(
  store: Store,
  { key, equals = [] }: ReturnType<typeof findingsOf>,
  id: string,
): Promise<PagePosition> {
  const finding = await store.get(findings, id);
  const paths = findings.keys[key]?.paths ?? [];
  const values = paths.map((path) => finding?.[path as keyof Finding] as KeyValue | undefined);
  const isThere = values.every((value) => value !== undefined) && equals.every((value, at) => values[at] === value);
  if (!finding || !isThere) throw badInput('after', 'must be the id on the last whole line of this export.');
  return [...values.flatMap((value) => value ?? []), id];
}
