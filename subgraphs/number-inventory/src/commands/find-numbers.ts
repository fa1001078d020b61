/** Pages of numbers: every filter and order over a key that covers it. */
import { badInput } from '@numberyard/kit/graph/errors';
import type { Condition, Find, KeyValue, Page, PagePosition, Store } from '@numberyard/kit/storage/port';
import { readKind, type Kind } from '../domain/kind.js';
import type { Status, Usage } from '../domain/number.js';
import { numbers, type NumberDoc } from '../models/number.js';

export interface NumberFilter {
  readonly status?: readonly Status[] | null;
  readonly usage?: Usage | null;
  /** Empty: the default vendor. */
  readonly vendor?: string | null;
  readonly startsWith?: string | null;
  readonly connection?: string | null;
}

export interface NumberOrder {
  readonly field: 'NUMBER' | 'RELEASE_DATE';
  readonly direction: 'ASC' | 'DESC';
}

export interface NumberQuery {
  /** Numbers at this node or below. */
  readonly node: string;
  readonly filter: NumberFilter;
  readonly order: NumberOrder;
  readonly limit: number;
  readonly after?: PagePosition;
}

/** Kinds read side by side; with more than these, which many different vendors would make, the numbers are read and filtered. */
const MOST_KINDS = 24;

/**
 * A page in order of number or release date. A position is what the order goes by and the id, whichever key served it, so that a cursor stays good when
 * another key is chosen for the next page.
 * @throws GraphQLError BAD_USER_INPUT when `after` is of another order
 */
export async function findNumbers(store: Store, query: NumberQuery): Promise<Page<NumberDoc>> {
  const { node, filter, order } = query;
  const byDate = order.field === 'RELEASE_DATE';
  if (query.after && !isPosition(query.after, byDate ? 3 : 2)) throw badInput('after', 'is no cursor of this list.');
  const prefix = filter.startsWith ? { prefix: spelled(filter.startsWith) } : undefined;
  if (byDate) {
    const where = { ...kindConditions(filter), ...connectionCondition(filter), ...(prefix && { number: prefix }) };
    return one(store, query, { key: 'byReleaseDate', equals: [node], where });
  }
  const next = prefix && { next: prefix };
  if (filter.connection) {
    const where = { ...kindConditions(filter), nodes: node };
    return one(store, query, { key: 'byConnection', equals: [filter.connection], where, ...next });
  }
  if (!isByKind(filter)) return one(store, query, { key: 'byNumber', equals: [node], ...next });
  const kinds = await matchingKinds(store, node, filter);
  if (kinds.length > MOST_KINDS) {
    return one(store, query, { key: 'byNumber', equals: [node], where: kindConditions(filter), ...next });
  }
  const pages = kinds.map(({ kind }) => one(store, query, { key: 'byKind', equals: [node, kind], ...next }));
  return merge(await Promise.all(pages), query);
}

/** How many numbers match; undefined where no counter knows. */
export async function countNumbers(
  store: Store,
  query: Pick<NumberQuery, 'node' | 'filter' | 'order'>,
): Promise<number | undefined> {
  const { filter, order } = query;
  if (order.field !== 'NUMBER' || filter.startsWith || filter.connection) return undefined;
  const kinds = await matchingKinds(store, query.node, filter);
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

function connectionCondition({ connection }: NumberFilter): Record<string, Condition> {
  return connection ? { connection } : {};
}

type Part = Pick<Find, 'key' | 'equals' | 'next' | 'where'>;

/** A page of one key, its positions without the values that are the same all along. */
async function one(store: Store, { limit, after, order }: NumberQuery, part: Part): Promise<Page<NumberDoc>> {
  const same = part.equals ?? [];
  const page = await store.find(numbers, {
    ...part,
    limit,
    descending: order.direction === 'DESC',
    ...(after && { after: [...same, ...after] }),
  });
  const positions = page.positions.map((position) => position.slice(same.length));
  return { items: page.items, positions, ...(page.after && { after: page.after.slice(same.length) }) };
}

/** Each page holds as many as are wanted, or all there are, so the first of all together are among them. */
function merge(pages: readonly Page<NumberDoc>[], { limit, order }: NumberQuery): Page<NumberDoc> {
  if (pages.length === 1 && pages[0]) return pages[0];
  const sign = order.direction === 'DESC' ? -1 : 1;
  const entries = pages.flatMap((page) =>
    page.items.map((item, index) => ({ item, position: page.positions[index] ?? [] })),
  );
  entries.sort((a, b) => sign * compare(a.position, b.position));
  const taken = entries.slice(0, limit);
  const items = taken.map(({ item }) => item);
  const positions = taken.map(({ position }) => position);
  const last = positions.at(-1);
  const more = entries.length > limit || pages.some((page) => page.after);
  return { items, positions, ...(more && last && { after: last }) };
}

function compare(a: PagePosition, b: PagePosition): number {
  for (const [index, value] of a.entries()) {
    const other: KeyValue | undefined = b[index];
    if (other === undefined || value === other) continue;
    return value < other ? -1 : 1;
  }
  return 0;
}
