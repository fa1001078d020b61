/**
 * Everything that can be made to go wrong, one row each. A fault is plain data: its kind, where it strikes and its parameters.
 * What else can be wrong with a routing manager is a state, not a fault: locked nodes, certificates, odd user parts (see the README).
 */
import { failure, notFound, unauthorized } from './answer.js';
import type { FaultKind, FaultParameters } from './fault-kind.js';
import { cutShort, drip, endless, notJson } from './mangled-bodies.js';

const rows = {
  'failed-page': {
    sentence: 'The page answers a server error.',
    parameters: { status: 'status code, 500 when left out' },
    strikes: 'listing',
    answer: ({ status = 500 }) => failure(status, 'INTERNAL_ERROR', 'The request could not be processed.'),
  },
  'cut-page': {
    sentence: 'The connection is destroyed in the middle of the page.',
    parameters: { bytes: 'bytes of the body sent before, half of it when left out' },
    strikes: 'listing',
    send: ({ bytes }, response, head, body) => cutShort(response, head, body, bytes),
  },
  'repeated-page': {
    sentence: 'The page answers the items of the page before it.',
    parameters: {},
    strikes: 'listing',
    list: (_fault, { total }, { offset, limit, registrations }) => ({
      registrations: registrations.page(Math.max(0, offset - limit), limit).registrations,
      total,
    }),
  },
  'short-page': {
    sentence: 'The page has fewer items than asked for, though the total says there are more.',
    parameters: { items: 'how many, half of them when left out' },
    strikes: 'listing',
    list: ({ items }, { registrations, total }) => ({
      registrations: registrations.slice(0, items ?? Math.floor(registrations.length / 2)),
      total,
    }),
  },
  'empty-list': {
    sentence: 'The listing is empty, as if nobody were registered.',
    parameters: {},
    strikes: 'listing',
    list: () => ({ registrations: [], total: 0 }),
  },
  'inconsistent-total': {
    sentence: 'The page tells another total than the other pages.',
    parameters: { by: 'what is added to the total, 1 when left out' },
    strikes: 'listing',
    list: ({ by = 1 }, { registrations, total }) => ({ registrations, total: Math.max(0, total + by) }),
  },
  'mutating-list': {
    sentence:
      'After the page the first devices of the listing go, so that later pages skip some, or lower ones return.',
    parameters: { count: 'how many, 1 when left out', change: '"drop" (when left out) or "return"' },
    strikes: 'listing',
    after: ({ count = 1, change = 'drop' }, { registrations }) => {
      if (change === 'return') registrations.setAll(registrations.goneSlots(count), 'ONLINE');
      else registrations.setAll(registrations.listedSlots(0, count), 'GONE');
    },
  },
  flap: {
    sentence: 'A registered user is left out of one whole listing (or of more) and is back in the next.',
    parameters: {
      number: 'its user part',
      reads: 'true: it does not answer when asked for by id either; false when left out',
    },
    strikes: 'listing',
    onPage: 1,
    times: 1,
    before: ({ number = '', reads = false }, { registrations }) => {
      for (const slot of registrations.slotsOf(number)) registrations.flap(slot, reads);
    },
  },
  'feature-disabled': {
    sentence: 'The registered users feature is switched off.',
    parameters: { answer: '"empty" (an empty listing, when left out) or "404"' },
    strikes: 'listing',
    list: () => ({ registrations: [], total: 0 }),
    answer: ({ answer }) => (answer === '404' ? notFound('such resource') : undefined),
  },
  'expired-session': {
    sentence: 'Every session ends just before the call is looked at.',
    parameters: {},
    strikes: 'listing',
    before: (_fault, { sessions }) => sessions.expireAll(),
  },
  unauthorized: {
    sentence: 'The call answers 401 whatever the credentials.',
    parameters: {},
    strikes: 'calls',
    answer: () => unauthorized('The credentials are not valid.'),
  },
  forbidden: {
    sentence: 'The call answers 403: the operator may not see it.',
    parameters: {},
    strikes: 'calls',
    answer: () => failure(403, 'FORBIDDEN', 'The operator has no right to do this.'),
  },
  unavailable: {
    sentence: 'The call answers 503, as while the configurator starts.',
    parameters: { retryAfter: 'seconds in Retry-After, none when left out' },
    strikes: 'calls',
    answer: ({ retryAfter }) => failure(503, 'UNAVAILABLE', 'The configurator is starting.', retryHeader(retryAfter)),
  },
  throttled: {
    sentence: 'The call answers 429 with Retry-After.',
    parameters: { retryAfter: 'seconds, 1 when left out' },
    strikes: 'calls',
    answer: ({ retryAfter = 1 }) => failure(429, 'TOO_MANY_REQUESTS', 'Too many requests.', retryHeader(retryAfter)),
  },
  redirect: {
    sentence: 'The call answers 302.',
    parameters: { location: 'where to' },
    strikes: 'calls',
    answer: ({ location = '/' }) => ({ status: 302, headers: { location } }),
  },
  'slow-answer': {
    sentence: 'The call is answered late.',
    parameters: { milliseconds: 'how late, 1000 when left out' },
    strikes: 'calls',
    delay: ({ milliseconds = 1000 }) => milliseconds,
  },
  'slow-filter': {
    sentence: 'A listing with a filter is answered late.',
    parameters: { milliseconds: 'how late, 1000 when left out' },
    strikes: 'listing',
    applies: ({ filtered }) => filtered,
    delay: ({ milliseconds = 1000 }) => milliseconds,
  },
  'slow-drip': {
    sentence: 'The page comes in small pieces, slowly.',
    parameters: { bytes: 'bytes a piece, 16 when left out', milliseconds: 'between pieces, 100 when left out' },
    strikes: 'listing',
    send: ({ bytes = 16, milliseconds = 100 }, response, head, body) => drip(response, head, body, bytes, milliseconds),
  },
  'bad-json': {
    sentence: 'The page is no JSON: a web page of a proxy stands in its place.',
    parameters: {},
    strikes: 'listing',
    send: (_fault, response, head) => notJson(response, head),
  },
  'huge-field': {
    sentence: 'A field of the first record is huge.',
    parameters: { bytes: 'how many characters, 10 million when left out' },
    strikes: 'listing',
    records: ({ bytes = 10_000_000 }, [first, ...others]) =>
      first ? [{ ...first, contact: 'x'.repeat(bytes) }, ...others] : [],
  },
  'endless-answer': {
    sentence: 'The page never ends: as fast as it is read, more comes.',
    parameters: {},
    strikes: 'listing',
    send: (_fault, response, head) => endless(response, head),
  },
  'endless-list': {
    sentence: 'The listing never ends: after the last page it begins again, and the total grows along.',
    parameters: {},
    strikes: 'listing',
    list: (_fault, { total }, { offset, limit, registrations }) => ({
      registrations: registrations.page(total === 0 ? 0 : offset % total, limit).registrations,
      total: offset + 2 * limit,
    }),
  },
  'wrong-shape': {
    sentence: 'A field of the first record is of a type it must not be.',
    parameters: { field: 'which, "aor" when left out' },
    strikes: 'listing',
    records: ({ field = 'aor' }, [first, ...others]) =>
      first ? [{ ...first, [field]: { odd: true } }, ...others] : [],
  },
} as const satisfies Record<string, FaultKind>;

export type FaultName = keyof typeof rows;

export const FAULT_KINDS: Readonly<Record<FaultName, FaultKind>> = rows;

/** A fault as it is switched on. */
export interface Fault extends FaultParameters {
  readonly kind: FaultName;
  /** 1 is the page at offset 0. Strikes every page when left out. */
  readonly onPage?: number;
  /** How often it strikes. For ever when left out. */
  readonly times?: number;
}

export function isFaultName(text: unknown): text is FaultName {
  return typeof text === 'string' && Object.hasOwn(rows, text);
}

function retryHeader(seconds: number | undefined): { headers?: Record<string, string> } {
  return seconds === undefined ? {} : { headers: { 'retry-after': String(seconds) } };
}
