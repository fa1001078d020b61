/** The signed internal endpoints of the subgraphs, as functions: called plainly in one process, over HTTP between processes. */
import type { Identity } from '@numberyard/kit/identity/identity';
import {
  InputError,
  optionalText,
  wholeNumber,
  type Endpoint,
  type Endpoints,
} from '@numberyard/kit/service/endpoints';
import { isIdentity } from '@numberyard/kit/service/signature';
import type { HierarchyNodeFields } from './events.js';

export interface NumberInventoryInternal {
  /** Who an `Authorization` header belongs to; nobody when the key is unknown, expired or revoked. */
  verifyKey(authorization: string | undefined): Promise<Identity | undefined>;
  /** All hierarchy nodes in order of their paths, for subgraphs that have to start over. `after` is the last answer's. */
  nodes(after: string | undefined, limit: number): Promise<Listing<HierarchyNodeFields>>;
  /** The value of a macro in force at a node; empty where it is unset and has no default, undefined when there is no such node or macro. */
  effectiveMacro(node: string, name: string): Promise<string | undefined>;
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

/** Most items of one listing's page. */
const PAGE = 500;
/** Of an `Authorization` header, characters; far more than a key has. */
const HEADER = 4_096;
/** Of a position in a listing, characters. */
const POSITION = 4_096;
/** Of an id or a name, characters. */
const NAME = 256;

/** `POST /internal/<name>` of number-inventory: one table by which it answers and the others ask. */
export const numberInventoryEndpoints: Endpoints<NumberInventoryInternal> = {
  verifyKey: {
    name: 'verify-key',
    write: (authorization) => ({ authorization }),
    read(body) {
      const { authorization } = body;
      // Too long for a key is nobody's, as in the same process, and no mistake of the one who passes it on.
      if (typeof authorization === 'string' && authorization.length > HEADER) return [undefined];
      return [optionalText(body, 'authorization', HEADER)];
    },
    result(answer) {
      if (answer === null) return undefined;
      if (!isIdentity(answer)) throw new InputError('the answer', 'is no identity');
      return answer;
    },
  },
  nodes: listing('nodes'),
  effectiveMacro: {
    name: 'effective-macro',
    write: (node, name) => ({ node, name }),
    read: (body) => [text(body, 'node'), text(body, 'name')],
    result(answer) {
      if (answer === null) return undefined;
      if (typeof answer !== 'string') throw new InputError('the answer', 'is no value of a macro');
      return answer;
    },
  },
};

/** `POST /internal/<name>` of connections. */
export const connectionsEndpoints: Endpoints<ConnectionsInternal> = {
  numberUses: listing('number-uses'),
};

function text(body: Readonly<Record<string, unknown>>, field: string): string {
  const value = optionalText(body, field, NAME);
  if (value === undefined) throw new InputError(field, 'is missing');
  return value;
}

/** A listing page by page. Only its frame is checked: the items are those of a service that is trusted with them. */
function listing<T>(name: string): Endpoint<[after: string | undefined, limit: number], Listing<T>> {
  return {
    name,
    write: (after, limit) => ({ after, limit }),
    read: (body) => [optionalText(body, 'after', POSITION), wholeNumber(body, 'limit', 1, PAGE)],
    result(answer) {
      const { items, after } = Object(answer) as Partial<Listing<T>>;
      if (!Array.isArray(items) || !(after === undefined || typeof after === 'string'))
        throw new InputError('the answer', 'is no listing');
      return { items, ...(after !== undefined && { after }) };
    },
  };
}
