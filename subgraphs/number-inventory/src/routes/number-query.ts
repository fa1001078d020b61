/** Which numbers an export is asked for: the fields of the graph's `NumberFilter` and `NumberOrder` as parameters of a query. */
import { dateTime } from '@numberyard/kit/graph/date-time';
import { badInput } from '@numberyard/kit/graph/errors';
import type { Identity } from '@numberyard/kit/identity/identity';
import type { Store } from '@numberyard/kit/storage/port';
import { positionOf } from '../commands/all-numbers.js';
import type { NumberQuery } from '../commands/find-numbers.js';
import type { NumberFilter } from '../commands/number-filter.js';
import { orderOf, type NumberOrder } from '../commands/number-order.js';
import { checkFilter, visibleNode } from '../commands/visible.js';
import { endingOf } from '../domain/ending.js';
import type { Status } from '../domain/number.js';
import { STATUS_BY_USAGE } from '../domain/status-table.js';

const STATUSES: readonly Status[] = ['AVAILABLE', 'USED', 'USED_UTILITY', 'RESERVED', 'COOLING'];
const USAGES = [...STATUS_BY_USAGE.keys()];
const FIELDS: readonly NumberOrder['field'][] = ['NUMBER', 'RELEASE_DATE', 'ENDING'];
const DIRECTIONS: readonly NumberOrder['direction'][] = ['ASC', 'DESC'];
const SINGLE = [
  'within',
  'usage',
  'vendor',
  'startsWith',
  'endsWith',
  'tag',
  'releaseDateFrom',
  'releaseDateBefore',
  'connection',
  'order',
  'direction',
  'after',
  'afterReleaseDate',
  'bom',
] as const;
const ID = /^[^:\s]{1,64}:(\+?\d{1,20})$/;

type Parameters = Readonly<Partial<Record<(typeof SINGLE)[number], string>>>;

export interface NumberExport {
  readonly query: Omit<NumberQuery, 'limit'>;
  /** Whether it goes on from where another ended. */
  readonly resumed: boolean;
  /** Whether it is to begin with a byte order mark. */
  readonly bom: boolean;
}

/** @throws GraphQLError BAD_USER_INPUT that names the parameter */
export async function readNumberExport(
  store: Store,
  identity: Identity,
  search: URLSearchParams,
): Promise<NumberExport> {
  const given = readSingle(search);
  const filter: NumberFilter = {
    ...readTexts(given),
    ...(search.has('status') && { status: readStatuses(search.getAll('status')) }),
    ...(given.usage !== undefined && { usage: oneOf('usage', given.usage, USAGES) }),
    ...readDate('releaseDateFrom', given.releaseDateFrom),
    ...readDate('releaseDateBefore', given.releaseDateBefore),
  };
  checkFilter(identity, filter, 'connection');
  const order = orderOf(filter, readOrder(given));
  const after = readAfter(given, order);
  const query = { within: await readWithin(store, identity, given.within), filter, order, ...(after && { after }) };
  return {
    query,
    resumed: after !== undefined,
    bom: given.bom !== undefined && oneOf('bom', given.bom, ['1']) === '1',
  };
}

function readSingle(search: URLSearchParams): Parameters {
  const given: Partial<Record<(typeof SINGLE)[number], string>> = {};
  for (const [name, value] of search) {
    if (name === 'status') continue;
    const known = SINGLE.find((each) => each === name);
    if (!known) throw badInput(name, 'is no parameter of an export.');
    if (given[known] !== undefined) throw badInput(name, 'may be given once.');
    given[known] = value;
  }
  return given;
}

function readTexts({ vendor, startsWith, endsWith, tag, connection }: Parameters): NumberFilter {
  return {
    ...(vendor !== undefined && { vendor }),
    ...(startsWith !== undefined && { startsWith }),
    ...(endsWith !== undefined && { endsWith }),
    ...(tag !== undefined && { tag }),
    ...(connection !== undefined && { connection }),
  };
}

function readStatuses(given: readonly string[]): Status[] {
  return given.flatMap((list) => list.split(',')).map((status) => oneOf('status', status, STATUSES));
}

function readDate(name: 'releaseDateFrom' | 'releaseDateBefore', value: string | undefined): NumberFilter {
  if (value === undefined) return {};
  try {
    return { [name]: dateTime.parseValue(value) };
  } catch {
    throw badInput(name, 'must be an ISO 8601 text with a zone, e.g. 2026-03-01T09:30:00Z.');
  }
}

function readOrder({ order, direction }: Parameters): NumberOrder | undefined {
  if (order === undefined && direction === undefined) return undefined;
  return {
    field: oneOf('order', order ?? 'NUMBER', FIELDS),
    direction: oneOf('direction', direction ?? 'ASC', DIRECTIONS),
  };
}

function readAfter({ after: id, afterReleaseDate }: Parameters, order: NumberOrder): NumberQuery['after'] {
  if ((order.field === 'RELEASE_DATE') !== (afterReleaseDate !== undefined) && id !== undefined)
    throw badInput('afterReleaseDate', 'goes with after in the order RELEASE_DATE, and in no other.');
  if (id === undefined) {
    if (afterReleaseDate !== undefined) throw badInput('afterReleaseDate', 'goes with after.');
    return undefined;
  }
  const number = ID.exec(id)?.[1];
  if (number === undefined) throw badInput('after', 'must be the id on the last whole line of an export.');
  const line = { number, id, ...(afterReleaseDate !== undefined && { releaseDate: afterReleaseDate }) };
  return positionOf(order, line, endingOf);
}

async function readWithin(store: Store, identity: Identity, id: string | undefined) {
  if (id === undefined) return { id: identity.node, path: identity.path };
  const node = await visibleNode(store, identity, id);
  if (!node) throw badInput('within', 'There is no such node.');
  return { id: node.id, path: node.path };
}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw badInput(name, `must be one of ${allowed.join(', ')}.`);
  return found;
}
