/**
 * `GET /internal/log?after=N&types=a,b&limit=N&wait=SECONDS&follower=NAME&applied=CURSOR`: the log for those who follow it from other processes. JSON
 * lines, an event each, the last one `{ "upTo": N, "state": { epoch, head, floors } }`.
 */
import type { Clock } from '../clock/clock.js';
import type { FollowedLog, LogBatch, LogState } from '../log/event.js';
import { Refused } from './message.js';

/** Longest a request may wait for news, seconds. */
export const LONGEST_WAIT = 25;
/** The doorbell may never ring, so the log is looked at this often anyway, milliseconds. */
const POLL = 1_000;
/** Of an answer, in characters; more events follow with the next request. */
const ANSWER_SIZE = 4_000_000;

interface LogRequest {
  readonly after: number;
  readonly types: readonly string[] | undefined;
  /** 0: nothing is read, only the state answered; a wait then ends when the head is another than `after`. */
  readonly limit: number;
  /** Seconds. */
  readonly wait: number;
  readonly progress: { readonly follower: string; readonly epoch: string; readonly position: number } | undefined;
}

/**
 * @param caller name of the service that asks; it tells of its own progress only
 * @param hold runs a wait; its signal ends it: the caller is gone, or the service stops
 * @returns the answer's body
 * @throws Refused 400 for malformed parameters
 */
export async function answerLog(
  search: string,
  log: FollowedLog,
  {
    caller,
    clock,
    hold,
  }: { caller: string; clock: Clock; hold: <T>(wait: (signal: AbortSignal) => Promise<T>) => Promise<T> },
): Promise<string> {
  const request = readRequest(new URLSearchParams(search));
  const { progress } = request;
  if (progress && progress.follower !== caller) throw bad('follower', 'must be the service that asks');
  if (progress) log.report?.(progress);
  let answer = await look(log, request);
  if (request.wait > 0 && answer.nothingNew) {
    answer = await hold((signal) => untilNews(log, request, clock, signal));
  }
  return serialise(answer);
}

interface Look {
  readonly batch: LogBatch;
  readonly state: LogState;
  readonly nothingNew: boolean;
}

async function look(log: FollowedLog, { after, types, limit }: LogRequest): Promise<Look> {
  if (limit === 0) {
    const state = await log.state();
    return { batch: { events: [], upTo: after }, state, nothingNew: state.head === after };
  }
  const batch = await log.read({ after, limit, ...(types && { types }) });
  // Read afterwards, so that floors that moved past `after` meanwhile are told.
  return { batch, state: await log.state(), nothingNew: batch.upTo === after };
}

async function untilNews(log: FollowedLog, request: LogRequest, clock: Clock, signal: AbortSignal): Promise<Look> {
  const end = clock.monotonic() + request.wait * 1_000;
  let wake = new AbortController();
  const ring = () => wake.abort();
  const silence = log.onAppend(ring);
  signal.addEventListener('abort', ring);
  try {
    for (;;) {
      wake = new AbortController();
      const found = await look(log, request);
      const left = end - clock.monotonic();
      if (!found.nothingNew || left <= 0 || signal.aborted) return found;
      await clock.sleep(Math.min(left, POLL), wake.signal);
    }
  } finally {
    silence();
    signal.removeEventListener('abort', ring);
  }
}

function serialise({ batch, state }: Look): string {
  const lines: string[] = [];
  let { upTo } = batch;
  let size = 0;
  for (const [index, event] of batch.events.entries()) {
    const line = JSON.stringify(event);
    size += line.length;
    if (size > ANSWER_SIZE && index > 0) {
      upTo = batch.events[index - 1]?.position ?? upTo;
      break;
    }
    lines.push(line);
  }
  lines.push(JSON.stringify({ upTo, state }));
  return `${lines.join('\n')}\n`;
}

function readRequest(search: URLSearchParams): LogRequest {
  const known = new Set(['after', 'types', 'limit', 'wait', 'follower', 'applied']);
  for (const name of search.keys()) if (!known.has(name)) throw bad(name, 'is no parameter');
  return {
    after: wholeNumber(search, 'after', 0, Number.MAX_SAFE_INTEGER, 0),
    types: readTypes(search.get('types')),
    limit: wholeNumber(search, 'limit', 0, 1_000, 200),
    wait: wholeNumber(search, 'wait', 0, LONGEST_WAIT, 0),
    progress: readProgress(search),
  };
}

function wholeNumber(search: URLSearchParams, name: string, least: number, most: number, fallback: number): number {
  const text = search.get(name);
  if (text === null) return fallback;
  const number = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (!(number >= least && number <= most)) throw bad(name, `must be a whole number from ${least} to ${most}`);
  return number;
}

function readTypes(text: string | null): readonly string[] | undefined {
  if (text === null) return undefined;
  const types = text.split(',');
  const fit = types.length <= 100 && types.every((type) => /^[A-Za-z][A-Za-z0-9]{0,63}$/.test(type));
  if (!fit) throw bad('types', 'must be at most 100 event types separated by commas');
  return types;
}

function readProgress(search: URLSearchParams): LogRequest['progress'] {
  const follower = search.get('follower');
  const applied = search.get('applied');
  if (follower === null || applied === null) {
    if (follower !== applied) throw bad('follower', 'and applied come together');
    return undefined;
  }
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(follower)) throw bad('follower', 'must be the name of a service');
  const [, epoch, digits] = /^([A-Za-z0-9_-]{1,64})\.(0|[1-9]\d{0,15})$/.exec(applied) ?? [];
  if (epoch === undefined || !Number.isSafeInteger(Number(digits))) throw bad('applied', 'must be a cursor');
  return { follower, epoch, position: Number(digits) };
}

function bad(name: string, problem: string): Refused {
  return new Refused(400, 'BAD_REQUEST', `${name} ${problem}.`);
}
