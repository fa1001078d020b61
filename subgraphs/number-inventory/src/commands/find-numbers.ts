/** Pages of numbers: every filter and order over a key that covers it. */
import { badInput } from '@numberyard/kit/graph/errors';
import type { Condition, Page, PagePosition, Store } from '@numberyard/kit/storage/port';
import { readKind, type Kind } from '../domain/kind.js';
import type { Status, Usage } from '../domain/number.js';
import { numbers, type NumberDoc } from '../models/number.js';
import { merge, pageOf, type Paging } from './number-pages.js';

export interface NumberFilter {
  readonly status?: readonly Status[] | null;
  readonly usage?: Usage | null;
  /** Empty: the default vendor. */
  readonly vendor?: string | null;
  readonly startsWith?: string | null;
  readonly connection?: string | null;
}

export interface NumberQuery extends Paging {
  /** Numbers at this node or below. */
  readonly within: { readonly id: string; readonly path: string };
  readonly filter: NumberFilter;
}

/** Statuses of numbers that may have a release date. */
const DATED: readonly Status[] = ['COOLING', 'RESERVED'];
/** Kinds read side by side; with more than these, which many different vendors would make, the numbers are read and filtered. */
const MOST_KINDS = 24;

/**
 * A page in order of number or release date. A position is what the order goes by and the id, whichever key served it, so that a cursor stays good when
 * another key is chosen for the next page.
 * @throws GraphQLError BAD_USER_INPUT when `after` is of another order
 */
export async function findNumbers(store: Store, query: NumberQuery): Promise<Page<NumberDoc>> {
  const { within, filter, order } = query;
  const byDate = order.field === 'RELEASE_DATE';
  if (query.after && !isPosition(query.after, byDate ? 3 : 2)) throw badInput('after', 'is no cursor of this list.');
  const prefix = filter.startsWith ? { prefix: spelled(filter.startsWith) } : undefined;
  const next = prefix && !byDate && { next: prefix };
  const everyKind = !byDate && !filter.connection;
  if (everyKind && !isByKind(filter)) return pageOf(store, query, { key: 'byNumber', equals: [within.id], ...next });
  const matching = await matchingKinds(store, within.id, filter);
  const kinds = byDate ? matching.filter(({ status }) => DATED.includes(status)) : matching;
  if (everyKind && kinds.length > MOST_KINDS) {
    return pageOf(store, query, { key: 'byNumber', equals: [within.id], where: kindConditions(filter), ...next });
  }
  const [place, key] = filter.connection
    ? [filter.connection, byDate ? 'byConnectionDate' : 'byConnection']
    : [within.id, byDate ? 'byKindDate' : 'byKind'];
  const where: Record<string, Condition> = {
    // Ids are all of one length, so what begins with the path lies at or below it.
    ...(filter.connection && { path: { prefix: within.path } }),
    ...(prefix && byDate && { number: prefix }),
  };
  const pages = kinds.map(({ kind }) => pageOf(store, query, { key, equals: [place, kind], where, ...next }));
  return merge(await Promise.all(pages), query);
}

/** How many numbers match; undefined where no counter knows. */
export async function countNumbers(
  store: Store,
  query: Pick<NumberQuery, 'within' | 'filter' | 'order'>,
): Promise<number | undefined> {
  const { filter, order } = query;
  if (order.field !== 'NUMBER' || filter.startsWith || filter.connection) return undefined;
  const kinds = await matchingKinds(store, query.within.id, filter);
  return kinds.reduce((sum, { count }) => sum + count, 0);
}

export interface CountedKind extends Kind {
  readonly kind: string;
  readonly count: number;
}

/** The kinds of numbers at a node or below, and how many there are of each. */
export async function countedKinds(store: Store, node: string): Promise<CountedKind[]> {
  const counts = await store.counts(numbers, 'byKind', node);
  return counts.map(({ values, count }) => {
    const kind = String(values[0]);
    return { ...readKind(kind), kind, count };
  });
}

/** Whether status, usage and vendor, as shown, are what the filter asks for. */
export function matchesKind(filter: NumberFilter, { status, usage, vendor }: Kind): boolean {
  if (filter.status && !filter.status.includes(status)) return false;
  if (filter.usage && !usage.includes(filter.usage)) return false;
  return filter.vendor == null || filter.vendor === (vendor ?? '');
}

/** The beginning of a number as numbers are stored. */
export function spelled(prefix: string): string {
  return prefix.startsWith('\\+') ? prefix.slice(1) : prefix;
}

/** A position ends with a number and the id that is made of it, which tells it from those of other lists. */
function isPosition(after: PagePosition, length: number): boolean {
  const [number, id] = after.slice(-2);
  return after.length === length && typeof id === 'string' && id.endsWith(`:${number}`);
}

async function matchingKinds(store: Store, node: string, filter: NumberFilter): Promise<CountedKind[]> {
  return (await countedKinds(store, node)).filter((kind) => matchesKind(filter, kind));
}

function isByKind({ status, usage, vendor }: NumberFilter): boolean {
  return status != null || usage != null || vendor != null;
}

function kindConditions({ status, usage, vendor }: NumberFilter): Record<string, Condition> {
  return {
    ...(status != null && { status: { in: [...status] } }),
    ...(usage != null && { usage }),
    ...(vendor != null && { vendor: vendor === '' ? { exists: false } : vendor }),
  };
}
