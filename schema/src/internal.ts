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
  /** A node as its owner has it now, and how many numbers there are at it and below; undefined when there is no such node. */
  auditedNode(id: string): Promise<AuditedNode | undefined>;
  /** Every number of a customer, in order of number, for an audit. */
  auditedNumbers(customer: string, after: string | undefined, limit: number): Promise<Listing<AuditedNumber>>;
  /**
   * Correct some numbers by what uses them now, or with `dryRun` tell what that would come to. The same `run` and `batch` is answered as the first time,
   * however often it is asked, until the run's next batch.
   */
  correctNumbers(batch: CorrectionBatch): Promise<CorrectionAnswer>;
}

export interface ConnectionsInternal {
  /** Every registered user of a customer's connections that is there and has a number, in order of number and reference. Pages may be short. */
  numberUses(customer: string, after: string | undefined, limit: number): Promise<Listing<ListedUse>>;
  /** The same of some numbers only, at most {@link MOST_CORRECTED}, as it is now. */
  numberUsesOf(customer: string, numbers: readonly string[]): Promise<readonly ListedUse[]>;
  /** The customer's connections with the end of each one's last successful sync, in order of name. */
  lastSyncs(customer: string): Promise<readonly LastSync[]>;
}

/** One thing that uses a number, as its owner lists it. */
export interface ListedUse {
  /** Id of the mirrored registered user. */
  readonly ref: string;
  readonly number: string;
  readonly connection: string;
  /** The connection's hierarchy node. */
  readonly node: string;
  /** What the number is to show, by the status table. */
  readonly status: 'USED' | 'USED_UTILITY';
  readonly usage: string;
  /** Null: the default vendor. */
  readonly vendor: string | null;
  /** What uses it, in words. */
  readonly usedBy: string;
  /** Null where the owner knows of none. */
  readonly cluster: string | null;
  readonly partition: string | null;
}

export interface LastSync {
  readonly connection: string;
  readonly name: string;
  /** Null: it never had one. */
  readonly finishedAt: string | null;
}

export interface AuditedNode {
  readonly node: HierarchyNodeFields;
  readonly numbers: number;
}

/** A number as an audit looks at it. */
export interface AuditedNumber {
  readonly number: string;
  readonly node: string;
  /** Of `node`. */
  readonly level: 'CUSTOMER' | 'SITE';
  readonly status: string;
  readonly uses: readonly AuditedUse[];
  /** Whether status, usage and vendor, as stored, are what follows from the uses. */
  readonly consistent: boolean;
  /** Changes whenever something does that an audit judges by. */
  readonly mark: string;
}

export interface AuditedUse {
  readonly source: string;
  readonly ref: string;
  readonly usage: string;
  /** Null: the default vendor. */
  readonly vendor: string | null;
}

/** Most numbers of one batch of corrections. */
export const MOST_CORRECTED = 200;

/** Numbers that an audit found to differ from what uses them; number-inventory judges each again before it touches it. */
export interface CorrectionBatch {
  readonly run: string;
  /** Counted from 1 in each run. */
  readonly batch: number;
  readonly customer: string;
  readonly level: 'CUSTOMER' | 'SITE';
  /** Ids of the sites that are audited, at level SITE; null: all. */
  readonly sites: readonly string[] | null;
  readonly dryRun: boolean;
  readonly numbers: readonly CorrectedNumber[];
}

export interface CorrectedNumber {
  readonly number: string;
  /** {@link AuditedNumber.mark} when it was looked at; null: it was not in the inventory. */
  readonly mark: string | null;
  /** What uses it besides registered users; of those that begin at once the first is shown. */
  readonly services: readonly ListedService[];
}

/** A service that uses a number: all there is of it for the number is in here. */
export interface ListedService {
  readonly ref: string;
  readonly usage: string;
  /** Null: the default vendor. */
  readonly vendor: string | null;
  /** The customer or site it belongs to. */
  readonly node: string;
  /** What it is, in words. */
  readonly usedBy: string;
}

export type CorrectionKind =
  | 'CREATED'
  | 'MARKED_USED'
  | 'USES_CORRECTED'
  | 'FREED'
  | 'COOLED'
  | 'SKIPPED_COOLING'
  | 'SKIPPED_RESERVED'
  | 'EXISTS_AT_CUSTOMER'
  | 'EXISTS_AT_OTHER_SITE'
  | 'NO_HOME'
  | 'CHANGED_MEANWHILE'
  /** Nothing is wrong with it any more. */
  | 'UNCHANGED'
  /** Not within the level and the sites that are audited. */
  | 'OUT_OF_SCOPE';

/** What is shown of a number. */
export interface ShownNumber {
  readonly status: string;
  readonly usage: readonly string[];
  readonly vendor: string | null;
  readonly releaseDate: string | null;
  readonly node: string;
}

export interface Correction {
  readonly number: string;
  /** Id of the number in the inventory, whether or not it is there. */
  readonly id: string;
  /** Path of the node it lives at, or would; the customer's where there is none. */
  readonly path: string;
  readonly kind: CorrectionKind;
  readonly before: ShownNumber | null;
  /** Null where nothing was changed, or would be. */
  readonly after: ShownNumber | null;
  /** What uses it, in words, or why nothing was done; a sentence or several. */
  readonly cause: string;
  /** Vendors and connections of its uses, where there are several: the earliest use's is shown. */
  readonly conflicts: readonly ('VENDOR_CONFLICT' | 'CONNECTION_CONFLICT')[];
}

export type CorrectionAnswer =
  | { readonly state: 'DONE'; readonly corrections: readonly Correction[] }
  /** It is queued and not done yet: ask again with the same. */
  | { readonly state: 'PENDING' }
  /** The customer cannot be audited like this any more, or the batch is not the run's next (a store was restored meanwhile); nothing was changed. */
  | {
      readonly state: 'REFUSED';
      readonly code: 'NUMBER_MANAGEMENT_OFF' | 'DIAL_PLAN' | 'OUT_OF_STEP';
      readonly message: string;
    };

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
/** Of a number, characters. */
const NUMBER = 64;

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
  auditedNode: {
    name: 'audited-node',
    write: (node) => ({ node }),
    read: (body) => [text(body, 'node')],
    result(answer) {
      if (answer === null) return undefined;
      const { node, numbers } = Object(answer) as Partial<AuditedNode>;
      if (!node || typeof numbers !== 'number') throw new InputError('the answer', 'is no node');
      return { node, numbers };
    },
  },
  auditedNumbers: listingOf('audited-numbers', 'customer'),
  correctNumbers: {
    name: 'correct-numbers',
    write: (batch) => ({ batch }),
    read: (body) => [correctionBatch(body['batch'])],
    result(answer) {
      const { state } = Object(answer) as Partial<CorrectionAnswer>;
      if (state !== 'DONE' && state !== 'PENDING' && state !== 'REFUSED')
        throw new InputError('the answer', 'tells of no corrections');
      return answer as CorrectionAnswer;
    },
  },
};

/** `POST /internal/<name>` of connections. */
export const connectionsEndpoints: Endpoints<ConnectionsInternal> = {
  numberUses: listingOf('number-uses', 'customer'),
  numberUsesOf: {
    name: 'number-uses-of',
    write: (customer, numbers) => ({ customer, numbers }),
    read: (body) => [text(body, 'customer'), texts(body, 'numbers', NUMBER, MOST_CORRECTED)],
    result: (answer) => list<ListedUse>(answer),
  },
  lastSyncs: {
    name: 'last-syncs',
    write: (customer) => ({ customer }),
    read: (body) => [text(body, 'customer')],
    result: (answer) => list<LastSync>(answer),
  },
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

/** A listing of what belongs to one thing, which is named by its id. */
function listingOf<T>(
  name: string,
  of: string,
): Endpoint<[id: string, after: string | undefined, limit: number], Listing<T>> {
  const all = listing<T>(name);
  return {
    ...all,
    write: (id, after, limit) => ({ [of]: id, after, limit }),
    read: (body) => [text(body, of), ...all.read(body)],
  };
}

function list<T>(answer: unknown): readonly T[] {
  if (!Array.isArray(answer)) throw new InputError('the answer', 'is no list');
  return answer as readonly T[];
}

function texts(body: Readonly<Record<string, unknown>>, field: string, longest: number, most: number): string[] {
  const values = body[field];
  if (!Array.isArray(values) || values.length > most) throw new InputError(field, `is no list of at most ${most}`);
  return values.map((value) => {
    if (typeof value !== 'string' || value.length > longest) throw new InputError(field, 'holds what is no short text');
    return value;
  });
}

/** Only the frame is checked: what is in it comes from a service that is trusted with it, and is judged by the rules for numbers. */
function correctionBatch(given: unknown): CorrectionBatch {
  const batch = Object(given) as Partial<CorrectionBatch>;
  const { run, customer, level, numbers, sites } = batch;
  for (const [field, value] of Object.entries({ run, customer }))
    if (typeof value !== 'string' || value.length > NAME) throw new InputError(`batch.${field}`, 'is no id');
  if (!Number.isSafeInteger(batch.batch)) throw new InputError('batch.batch', 'is no whole number');
  if (level !== 'CUSTOMER' && level !== 'SITE') throw new InputError('batch.level', 'is no level');
  if (typeof batch.dryRun !== 'boolean') throw new InputError('batch.dryRun', 'is neither true nor false');
  if (sites !== null && !Array.isArray(sites)) throw new InputError('batch.sites', 'is no list');
  if (!Array.isArray(numbers) || numbers.length > MOST_CORRECTED)
    throw new InputError('batch.numbers', `is no list of at most ${MOST_CORRECTED}`);
  return given as CorrectionBatch;
}
