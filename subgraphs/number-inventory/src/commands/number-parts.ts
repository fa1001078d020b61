/**
 * Which keys answer a filter in an order. Status, usage and vendor are one `kind`, whose few values are read side by side; an end or a tag has keys per
 * customer, and across customers. What such a key does not hold (a connection, or a tag beside an end) is judged by the number itself: a page then reads a
 * bounded number of them, and may be short.
 */
import type { Condition, Store } from '@numberyard/kit/storage/port';
import { endingOf } from '../domain/ending.js';
import { ancestorsOf, customerOf } from '../domain/hierarchy.js';
import type { Status } from '../domain/number.js';
import { nodes } from '../models/node.js';
import { datesOf, isByKind, kindConditions, spelled, type NumberFilter } from './number-filter.js';
import { matchingKinds } from './number-kinds.js';
import type { NumberOrder } from './number-order.js';
import type { Part } from './number-pages.js';

/** What is asked for. */
export interface Wanted {
  /** Numbers at this node or below. */
  readonly within: { readonly id: string; readonly path: string };
  readonly filter: NumberFilter;
  /** One that `orderOf` allows for the filter. */
  readonly order: NumberOrder;
}

type Where = Readonly<Record<string, Condition>>;

/** Statuses of numbers that may have a release date. */
const DATED: readonly Status[] = ['COOLING', 'RESERVED'];
/** Kinds read side by side; with more than these, which many different vendors would make, the numbers are read and filtered. */
const MOST_KINDS = 24;
/** Kinds that one condition may name. */
const MOST_NAMED = 500;

/** The stretches of keys that together hold what is asked for; none when nothing can be. */
export async function partsOf(store: Store, wanted: Wanted): Promise<Part[]> {
  const { filter, order } = wanted;
  if (order.field === 'ENDING' || filter.tag != null) return partOfCustomer(store, wanted);
  const isByDate = order.field === 'RELEASE_DATE';
  return isByDate || filter.connection || isByKind(filter)
    ? partsByKind(store, wanted)
    : [{ key: 'byNumber', equals: [wanted.within.id], ...stretchOf(wanted) }];
}

/** One stretch per kind, so that even a page of a rare kind reads no numbers but its own. */
async function partsByKind(store: Store, wanted: Wanted): Promise<Part[]> {
  const { within, filter, order } = wanted;
  const isByDate = order.field === 'RELEASE_DATE';
  const stretch = stretchOf(wanted);
  const matching = await matchingKinds(store, within.id, filter);
  const kinds = isByDate ? matching.filter(({ status }) => DATED.includes(status)) : matching;
  if (!isByDate && !filter.connection && kinds.length > MOST_KINDS) {
    return [{ key: 'byNumber', equals: [within.id], where: kindConditions(filter), ...stretch }];
  }
  const [place, key] = filter.connection
    ? [filter.connection, isByDate ? 'byConnectionDate' : 'byConnection']
    : [within.id, isByDate ? 'byKindDate' : 'byKind'];
  const where = { ...(isByDate && beginning(filter)), ...(filter.connection && below(within.path)) };
  return kinds.map(({ kind }) => ({ key, equals: [place, kind], where, ...stretch }));
}

/** An end or a tag: the keys of the customer, or where the node is above customers those across them. */
async function partOfCustomer(store: Store, wanted: Wanted): Promise<Part[]> {
  const { within, filter, order } = wanted;
  const { tag, connection } = filter;
  const kinds = isByKind(filter) ? await matchingKinds(store, within.id, filter) : undefined;
  if (kinds?.length === 0) return [];
  const ofKind =
    kinds && (kinds.length > MOST_NAMED ? kindConditions(filter) : { kind: { in: kinds.map(({ kind }) => kind) } });
  const ancestors = ancestorsOf(within.path);
  const customer = customerOf((await store.getMany(nodes, ancestors)).filter((node) => node !== undefined));
  const isWhole = within.id === customer?.id || ancestors.length === 1;
  const place = customer ? [customer.id] : [];
  const where: Where = { ...(!isWhole && below(within.path)), ...ofKind, ...(connection && { connection }) };
  const by = customer ? 'byCustomer' : 'by';
  if (order.field !== 'ENDING') {
    const isByDate = order.field === 'RELEASE_DATE';
    const key = isByDate ? `${by}TagDate` : `${by}Tag`;
    return [
      {
        key,
        equals: [...place, tag ?? ''],
        where: { ...where, ...(isByDate && beginning(filter)) },
        ...stretchOf(wanted),
      },
    ];
  }
  const residual = { ...beginning(filter), ...(tag != null && { tag }) };
  return [{ key: `${by}Ending`, equals: place, where: { ...where, ...residual }, ...stretchOf(wanted) }];
}

/** What the filter asks of the value that the order goes by first. */
function stretchOf({ filter, order }: Wanted): Pick<Part, 'next'> {
  if (order.field === 'RELEASE_DATE') {
    const dates = datesOf(filter);
    return dates ? { next: dates } : {};
  }
  if (order.field === 'ENDING') return filter.endsWith ? { next: { prefix: endingOf(filter.endsWith) } } : {};
  return filter.startsWith ? { next: { prefix: spelled(filter.startsWith) } } : {};
}

/** Ids are all of one length, so what begins with the path lies at or below it. */
function below(path: string): Where {
  return { path: { prefix: path } };
}

function beginning({ startsWith }: NumberFilter): Where {
  return startsWith ? { number: { prefix: spelled(startsWith) } } : {};
}
