/**
 * Who calls, signed per operation: services on a network believe no caller that does not hold the shared secret. What is signed covers the
 * whole request, so that a header that was overheard is good for nothing but the same request, and for a minute.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Identity } from '../identity/identity.js';

/** The header that carries the signature. */
export const IDENTITY_HEADER = 'numberyard-identity';
/** The METHOD that is signed for an operation on a WebSocket. */
export const SUBSCRIBE = 'SUBSCRIBE';
/** The header that carries the signature of a request whose body is signed as it goes, see `frames.ts`. */
export const STREAM_HEADER = 'numberyard-stream';
/** The METHOD that is signed for such a request. */
const STREAM = 'STREAM';
/** A signature is good for this long, and clocks may differ by it; milliseconds. */
export const SIGNATURE_LIFETIME = 60_000;
/** Shorter ones can be guessed. */
export const LEAST_SECRET_LENGTH = 32;

/** An end caller, or a service that acts for itself. */
export type Caller = { readonly identity: Identity } | { readonly service: string };

interface SignedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** As sent, byte by byte; empty when there is none. */
  readonly body: string | Uint8Array;
  /** Epoch milliseconds of the one who signs or verifies. */
  readonly now: number;
}

/** `refused` says why, for logs; whoever called is told no more than that it was. */
export type Verification = { readonly caller: Caller } | { readonly refused: SignatureProblem };

export type SignatureProblem = 'MISSING' | 'MALFORMED' | 'WRONG' | 'OLD' | 'AHEAD';

const VERSION = 'v1';
/** Far more than a caller needs; nothing longer is looked at. */
const LONGEST_HEADER = 8_192;
const SHAPE = /^v1\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/;

/** The value of {@link IDENTITY_HEADER} for this request. */
export function signCaller(secret: string, { caller, now, ...request }: SignedRequest & { caller: Caller }): string {
  const payload = Buffer.from(JSON.stringify({ caller, time: now })).toString('base64url');
  return `${VERSION}.${payload}.${macOf(secret, request, payload).toString('base64url')}`;
}

/** Who signed this request, when it was signed with this secret, for exactly this request, not long ago. */
export function verifyCaller(
  secret: string,
  { header, now, ...request }: SignedRequest & { header: string | undefined },
): Verification {
  if (header === undefined || header === '') return { refused: 'MISSING' };
  const [, payload, mac] = (header.length <= LONGEST_HEADER && SHAPE.exec(header)) || [];
  if (payload === undefined || mac === undefined) return { refused: 'MALFORMED' };
  if (!timingSafeEqual(Buffer.from(mac, 'base64url'), macOf(secret, request, payload))) return { refused: 'WRONG' };
  const claim = readClaim(payload);
  if (!claim) return { refused: 'MALFORMED' };
  if (claim.time < now - SIGNATURE_LIFETIME) return { refused: 'OLD' };
  if (claim.time > now + SIGNATURE_LIFETIME) return { refused: 'AHEAD' };
  return { caller: claim.caller };
}

/** What is signed as the body of an operation on a WebSocket, where one socket carries many callers' operations. */
export function subscribeBody(operation: {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}): string {
  return JSON.stringify([operation.query, operation.operationName ?? null, operation.variables ?? {}]);
}

/** What is signed of a request whose body is signed as it goes: its method and path, and the headers it is answered by, instead of the body. */
export function streamHead(request: {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}): Omit<SignedRequest, 'now'> {
  const body = JSON.stringify([request.method, Object.entries(request.headers).sort()]);
  return { method: STREAM, path: request.path, body };
}

function macOf(secret: string, { method, path, body }: Omit<SignedRequest, 'now'>, payload: string): Buffer {
  const digest = createHash('sha256').update(body).digest('hex');
  // A line each: none of the parts before the digest can hold a line break once the server has parsed them.
  return createHmac('sha256', secret)
    .update([VERSION, method.toUpperCase(), path, payload, digest].join('\n'))
    .digest();
}

function readClaim(payload: string): { caller: Caller; time: number } | undefined {
  let claim: unknown;
  try {
    claim = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
  if (!isRecord(claim) || !Number.isSafeInteger(claim['time'])) return undefined;
  const caller = readCaller(claim['caller']);
  return caller && { caller, time: Number(claim['time']) };
}

function readCaller(value: unknown): Caller | undefined {
  if (!isRecord(value)) return undefined;
  const { identity, service } = value;
  if (identity !== undefined && service === undefined) return isIdentity(identity) ? { identity } : undefined;
  return typeof service === 'string' && /^[a-z][a-z0-9-]{0,62}$/.test(service) && identity === undefined
    ? { service }
    : undefined;
}

/** Whether this, off the wire, is an identity. */
export function isIdentity(value: unknown): value is Identity {
  if (!isRecord(value)) return false;
  const texts = ['id', 'label', 'role', 'node', 'path'].every((field) => typeof value[field] === 'string');
  const { rights } = value;
  return texts && Array.isArray(rights) && rights.every((right) => typeof right === 'string');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
