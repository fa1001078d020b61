/** Relay paging over keyset positions: forward only, opaque cursors, at most 500 per page. */
import type { Collection } from '../storage/collection.js';
import type { Doc, Find, Page, PagePosition, Store } from '../storage/port.js';
import type { GraphQLError } from 'graphql';
import { badInput } from './errors.js';

export const MOST_PER_PAGE = 500;

export interface PageArguments {
  readonly first?: number | null;
  readonly after?: string | null;
}

export interface Connection<T> {
  readonly edges: readonly { readonly node: T; readonly cursor: string }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

/** Page size and position out of the arguments. @throws GraphQLError BAD_USER_INPUT */
export function readPageArguments(args: PageArguments): { limit: number; after?: PagePosition } {
  const limit = args.first ?? 50;
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_PER_PAGE) {
    throw badInput('first', `must be a whole number from 1 to ${MOST_PER_PAGE}.`);
  }
  const { after } = args;
  return after === null || after === undefined ? { limit } : { limit, after: decodePosition(after) };
}

export function encodePosition(position: PagePosition): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

function decodePosition(cursor: string): PagePosition {
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    const fits = (value: unknown) => typeof value === 'string' || Number.isSafeInteger(value);
    if (Array.isArray(position) && position.length > 0 && position.length <= 8 && position.every(fits)) {
      return position as PagePosition;
    }
  } catch {
    // Falls through to the one error below.
  }
  throw foreignCursor();
}

function foreignCursor(): GraphQLError {
  return badInput('after', 'is no cursor of this list.');
}

/**
 * That `find.after`, which came from a client, is a position of what is looked for. One of another list, or of this one with other arguments, is the client's
 * mistake, where the store would take it for a fault of the program.
 * @throws GraphQLError BAD_USER_INPUT
 */
export function checkPosition(
  collection: Pick<Collection<Doc>, 'keys'>,
  find: Pick<Find, 'key' | 'equals' | 'after'>,
): void {
  const { after } = find;
  const length = (collection.keys[find.key]?.paths.length ?? 0) + 1;
  const outside = (find.equals ?? []).some((value, index) => after?.[index] !== value);
  if (after && (after.length !== length || outside)) throw foreignCursor();
}

/** A page of a collection as a Relay connection. @throws GraphQLError BAD_USER_INPUT for arguments that do not fit */
export async function findConnection<D extends Doc, T = D>(
  store: Store,
  collection: Collection<D>,
  find: Omit<Find, 'limit' | 'after'>,
  args: PageArguments,
  toNode: (doc: D) => T,
): Promise<Connection<T>> {
  const wanted = { ...find, ...readPageArguments(args) };
  checkPosition(collection, wanted);
  return toConnection(await store.find(collection, wanted), args, toNode);
}

/** A page of the store as a Relay connection. A page cut short by the examination limit still says where to go on. */
export function toConnection<D, T = D>(page: Page<D>, args: PageArguments, toNode: (doc: D) => T): Connection<T> {
  const edges = page.items.map((item, index) => ({
    node: toNode(item),
    cursor: encodePosition(page.positions[index] ?? []),
  }));
  return {
    edges,
    pageInfo: {
      hasNextPage: page.after !== undefined,
      hasPreviousPage: typeof args.after === 'string',
      startCursor: edges[0]?.cursor ?? null,
      endCursor: page.after ? encodePosition(page.after) : (edges.at(-1)?.cursor ?? null),
    },
  };
}
