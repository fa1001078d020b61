/** The signed internal endpoints of the subgraphs, as functions: called plainly in one process, over HTTP between processes. */
import type { Identity } from '@numberyard/kit/identity/identity';
import type { HierarchyNodeFields } from './events.js';

export interface NumberInventoryInternal {
  /** Who an `Authorization` header belongs to; nobody when the key is unknown, expired or revoked. */
  verifyKey(authorization: string | undefined): Promise<Identity | undefined>;
  /** All hierarchy nodes in order of their paths, for subgraphs that have to start over. `after` is the last answer's. */
  nodes(after: string | undefined, limit: number): Promise<Listing<HierarchyNodeFields>>;
}

export interface ConnectionsInternal {
  /** Every registered user that is there and has a number, in order of number and reference, for a number inventory that has to start over. */
  numberUses(after: string | undefined, limit: number): Promise<Listing<RegisteredNumberUse>>;
}

export interface RegisteredNumberUse {
  /** Id of the mirrored registered user. */
  readonly ref: string;
  readonly number: string;
  readonly connection: string;
  /** The connection's hierarchy node. */
  readonly node: string;
}

export interface Listing<T> {
  readonly items: readonly T[];
  /** Set when there is more. */
  readonly after?: string;
}
