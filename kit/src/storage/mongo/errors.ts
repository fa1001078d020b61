/** Errors of the driver and the server, told apart by what may be done about them. */
import { mongo } from 'mongoose';
import { StoreError } from '../port.js';

/** `RIVAL`: another transaction was in the way; `AWAY`: no server, or not the primary, answered. Either way it may be tried again. */
export type Trouble = 'RIVAL' | 'AWAY';

/** NotWritablePrimary and the like, what a new primary does not know yet, shutdowns, interruptions and timeouts, by their codes. */
const AWAY_CODES: ReadonlySet<unknown> = new Set([
  6, 7, 50, 64, 89, 91, 133, 134, 189, 202, 211, 262, 317, 358, 384, 9001, 10058, 10107, 11600, 11601, 11602, 13435,
  13436,
]);
/** LockTimeout, WriteConflict, CursorNotFound, QueryPlanKilled, CursorKilled, SnapshotTooOld, SnapshotUnavailable, NoSuchTransaction. */
const RIVAL_CODES: ReadonlySet<unknown> = new Set([24, 43, 112, 175, 237, 239, 246, 251]);
const DUPLICATE_KEY = 11_000;

export function troubleOf(thrown: unknown): Trouble | undefined {
  const error = unwrapped(thrown);
  if (isOfSocket(error)) return 'AWAY';
  if (!(error instanceof mongo.MongoError)) return undefined;
  if (isOfNetwork(error)) return 'AWAY';
  if (RIVAL_CODES.has(error.code)) return 'RIVAL';
  if (AWAY_CODES.has(error.code)) return 'AWAY';
  return error.hasErrorLabel('TransientTransactionError') ? 'RIVAL' : undefined;
}

/** The commit may or may not have been applied. */
export function isOutcomeUnknown(error: unknown): boolean {
  if (isOfSocket(error)) return true;
  if (!(error instanceof mongo.MongoError) || error.hasErrorLabel('TransientTransactionError')) return false;
  return error.hasErrorLabel('UnknownTransactionCommitResult') || troubleOf(error) === 'AWAY';
}

export function isDuplicate(error: unknown): boolean {
  return error instanceof mongo.MongoError && error.code === DUPLICATE_KEY;
}

export function isOfServer(error: unknown): boolean {
  return error instanceof mongo.MongoServerError;
}

export function hasCode(error: unknown, ...codes: readonly number[]): boolean {
  return error instanceof mongo.MongoError && codes.some((code) => code === error.code);
}

/** A bulk write takes what was thrown beneath it for an answer of the server. */
function unwrapped(error: unknown): unknown {
  const beneath: unknown = error instanceof mongo.MongoBulkWriteError ? error.errorResponse : undefined;
  return beneath instanceof Error ? beneath : error;
}

const SOCKET_CODES: ReadonlySet<unknown> = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** A write to a connection that breaks in this very moment: the driver passes on what the socket says as it is. */
function isOfSocket(error: unknown): boolean {
  return (
    error instanceof Error && !(error instanceof mongo.MongoError) && 'code' in error && SOCKET_CODES.has(error.code)
  );
}

function isOfNetwork(error: mongo.MongoError): boolean {
  return (
    error instanceof mongo.MongoNetworkError ||
    error instanceof mongo.MongoServerSelectionError ||
    error.name === 'MongoWaitQueueTimeoutError' ||
    error.name === 'MongoPoolClearedError' ||
    error.name === 'MongoPoolClearedOnNetworkError' ||
    // The client was closed beneath an operation: by whoever closes the store, which then says so.
    error instanceof mongo.MongoNotConnectedError ||
    error instanceof mongo.MongoTopologyClosedError
  );
}

const AUTHENTICATION_FAILED = [18, 8000];
const NOT_AUTHORISED = [13];

/** What is wrong, as a StoreError whose sentence says what to do; the driver's words never hold the password. */
export function asStoreError(error: unknown, hosts: string, database: string): StoreError {
  if (error instanceof StoreError) return error;
  const told = (code: StoreError['code'], sentence: string) => new StoreError(code, sentence, { cause: error });
  const reason = reasonOf(error);
  if (hasCode(error, ...AUTHENTICATION_FAILED) || /authentication failed/i.test(reason)) {
    return told(
      'INVALID',
      `MongoDB at ${hosts} refuses the user or the password: check both, and authSource, in the MongoDB URI.`,
    );
  }
  if (hasCode(error, ...NOT_AUTHORISED)) {
    return told(
      'INVALID',
      `The MongoDB user may not do what is needed in the database ${database}: give it the role readWrite there, and a user if the URI has none. (${reason})`,
    );
  }
  if (isOfUri(error)) {
    return told('INVALID', `The MongoDB URI is wrong: ${reason}.`);
  }
  if (/ENOTFOUND|EAI_AGAIN|ENODATA/.test(reason)) {
    return told(
      'UNAVAILABLE',
      `The host of MongoDB is not known (${hosts}): check the MongoDB URI and the name service.`,
    );
  }
  if (/RSGhost/.test(reason)) {
    return told(
      'UNAVAILABLE',
      `MongoDB at ${hosts} is not yet a replica set: initiate it with rs.initiate(), also if it has one member only.`,
    );
  }
  if (troubleOf(error) || /ServerSelection/.test(nameOf(error))) {
    return told(
      'UNAVAILABLE',
      `MongoDB at ${hosts} cannot be reached, or has no primary: see that it runs and that its members' names are known here. (${reason})`,
    );
  }
  return told('UNAVAILABLE', `MongoDB at ${hosts} answered with an error: ${reason}`);
}

/** The parser of URIs has an error of its own that bears the driver's name, and leaves it to the language to refuse a %zz. */
function isOfUri(error: unknown): boolean {
  return (
    error instanceof mongo.MongoInvalidArgumentError || error instanceof URIError || /ParseError/.test(nameOf(error))
  );
}

const nameOf = (error: unknown) => (error instanceof Error ? error.name : '');

/** The error's own words, with those of the servers behind it. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const description = 'reason' in error ? (error.reason as Partial<mongo.TopologyDescription> | undefined) : undefined;
  const servers = [...(description?.servers?.values() ?? [])].map(({ type, error: why }) => why?.message ?? type);
  return [...new Set([error.message, ...servers])].join('; ');
}
