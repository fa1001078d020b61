/**
 * The registered users of a customer that are there and have a number, page by page. There may be hundreds of connections and each has its users in an order of
 * its own. So that not every page asks all of them, a position also says which few connections come next and up to which number no other one does.
 */
import { encodePosition, readPageArguments } from '@numberyard/kit/graph/page';
import { compareValues } from '@numberyard/kit/storage/order';
import type { Store } from '@numberyard/kit/storage/port';
import { InputError } from '@numberyard/kit/service/endpoints';
import type { ListedUse, Listing } from '@numberyard/schema/internal';
import { listedUse } from '../domain/listed-use.js';
import { connections } from '../models/connections.js';
import { connectionsOf } from './customer-connections.js';
import { UseMerge, type UsePosition } from './use-merge.js';

/** Connections a position names, at most: those that come next. */
const NEAR = 16;

interface Position {
  readonly at: UsePosition;
  /** Connections that have something below `until`, or all that have anything where it is absent; empty: to be found anew. */
  readonly near: readonly string[];
  readonly until?: string;
}

/**
 * In order of number and reference. Who registers while the list is read may be missed, also where it has not come to yet.
 * @throws InputError for a position of something else
 */
export async function listNumberUses(
  store: Store,
  customer: string,
  after: string | undefined,
  limit: number,
): Promise<Listing<ListedUse>> {
  const position = after === undefined ? undefined : read(after);
  if (position && position.near.length > 0) {
    const page = await nearPage(store, customer, position, limit);
    // Else what is near has come to its end, and what is next has to be found.
    if (page.items.length > 0 || page.after === undefined) return page;
  }
  const merge = await UseMerge.open(store, await connectionsOf(store, customer), position?.at, limit);
  const { items, at } = await taken(merge, limit, undefined);
  if (merge.next === undefined || !at) return { items };
  const { heads } = merge;
  const until = heads[NEAR]?.number;
  const near = heads.slice(0, NEAR).filter(({ number }) => until === undefined || compareValues(number, until) < 0);
  return { items, after: written({ at, near: near.map(({ connection }) => connection), ...(until && { until }) }) };
}

/** The part of a page that comes from connections known to be near; short, even empty, where those end. */
async function nearPage(
  store: Store,
  customer: string,
  { at: from, near, until }: Position,
  limit: number,
): Promise<Listing<ListedUse>> {
  const found = await store.getMany(connections, near);
  const still = found.filter((connection) => connection?.customer === customer).filter((each) => each !== undefined);
  const merge = await UseMerge.open(store, still, from, limit);
  const { items, at = from } = await taken(merge, limit, until);
  const left = merge.heads.filter(({ number }) => until === undefined || compareValues(number, until) < 0);
  if (left.length === 0 && until === undefined) return { items };
  return { items, after: written({ at, near: left.map(({ connection }) => connection), ...(until && { until }) }) };
}

async function taken(
  merge: UseMerge,
  limit: number,
  until: string | undefined,
): Promise<{ readonly items: ListedUse[]; readonly at?: UsePosition }> {
  const items: ListedUse[] = [];
  while (items.length < limit && merge.next !== undefined) {
    if (until !== undefined && compareValues(merge.next, until) >= 0) break;
    const next = await merge.take();
    if (next) items.push(...listedUse(next.user, next.connection));
  }
  const last = items.at(-1);
  return { items, ...(last && { at: [last.number, last.ref] }) };
}

function written({ at, near, until = '' }: Position): string {
  return encodePosition([...at, until, near.join(' ')]);
}

function read(after: string): Position {
  const [number, ref, until, near, ...more] = readPageArguments({ after }).after ?? [];
  const isText = [number, ref, until, near].every((part) => typeof part === 'string');
  if (!isText || more.length > 0) throw new InputError('after', 'is no position of this list');
  return {
    at: [String(number), String(ref)],
    near: near === '' ? [] : String(near).split(' '),
    ...(until !== '' && { until: String(until) }),
  };
}
