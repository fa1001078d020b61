/** Relay paging over keyset positions: forward only, opaque cursors, at most 500 per page. */
import type { Page, PagePosition } from '../storage/port.js';
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
  return args.after == null ? { limit } : { limit, after: decodePosition(args.after) };
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
  throw badInput('after', 'is no cursor of this list.');
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
      hasPreviousPage: args.after != null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: page.after ? encodePosition(page.after) : (edges.at(-1)?.cursor ?? null),
    },
  };
}
