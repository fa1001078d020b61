import { createClient, type Client } from 'graphql-ws';
import type { ExecutionResult, GraphQLError } from 'graphql';
import { setTimeout as delay } from 'node:timers/promises';
import WebSocket from 'ws';
import type { Event, WatchedStream } from './streams.js';

export interface WatchOptions {
  readonly stream: WatchedStream;
  readonly key: string;
  readonly url: string;
  readonly within?: string | undefined;
  readonly after?: string | undefined;
  readonly signal: AbortSignal;
  print(line: string): void;
}

export interface WatchEnd {
  /** Go on after this cursor to miss nothing. */
  readonly cursor?: string | undefined;
  /** Why it ended, when not by the signal. */
  readonly problem?: string;
}

/** Close codes that say the key is no good: no use trying again. */
const REFUSED = new Set([4401, 4403]);
const LONGEST_PAUSE_MS = 5_000;

/** What ended one subscription. */
type Outcome = 'STOPPED' | 'LOST' | { readonly problem: string };

/**
 * Print a stream's events until the signal is aborted. A lost connection is taken up again from the last cursor, so that nothing is missed or printed twice.
 * Never rejects.
 */
export async function watch(options: WatchOptions): Promise<WatchEnd> {
  const { signal, print } = options;
  const state: { cursor?: string | undefined; started: boolean } = { cursor: options.after, started: false };
  for (let failures = 0; !signal.aborted; failures += 1) {
    const before = state.cursor;
    const outcome = await subscribeOnce(options, state);
    if (outcome === 'STOPPED') break;
    if (outcome !== 'LOST') return { cursor: state.cursor, problem: outcome.problem };
    if (before !== state.cursor) failures = 0;
    if (failures === 0) print(`… connection to ${options.url} lost; trying again`);
    await delay(Math.min(LONGEST_PAUSE_MS, 250 * 2 ** failures), undefined, { signal }).catch(() => undefined);
  }
  return { cursor: state.cursor };
}

async function subscribeOnce(
  { stream, key, url, within, signal, print }: WatchOptions,
  state: { cursor?: string | undefined; started: boolean },
): Promise<Outcome> {
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${key}` },
    retryAttempts: 0,
    lazy: true,
    on: {
      connected: () => {
        print(
          state.started ? '… connected again, going on after the last event' : `Watching ${stream.title}. Ctrl-C ends.`,
        );
        state.started = true;
      },
    },
  });
  const stop = () => void client.dispose();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await read(client, stream, { within, after: state.cursor }, (event) => {
      state.cursor = event.cursor;
      print(`${new Date().toISOString().slice(11, 19)}  ${stream.line(event)}`);
    });
  } catch (error) {
    if (signal.aborted) return 'STOPPED';
    return judge(error);
  } finally {
    signal.removeEventListener('abort', stop);
    await client.dispose();
  }
}

async function read(
  client: Client,
  stream: WatchedStream,
  variables: Record<string, unknown>,
  onEvent: (event: Event) => void,
): Promise<Outcome> {
  const results = client.iterate<Record<string, Event>>({ query: stream.document, variables });
  for await (const result of results as AsyncIterable<ExecutionResult<Record<string, Event>>>) {
    if (result.errors?.length) return problemOf(result.errors);
    const event = result.data?.[stream.field];
    if (event) onEvent(event);
  }
  return 'LOST';
}

function judge(error: unknown): Outcome {
  if (Array.isArray(error)) return problemOf(error as GraphQLError[]);
  const { code, reason } = error as { code?: number; reason?: string };
  if (code !== undefined && REFUSED.has(code)) {
    return { problem: `The server refused the key${reason ? `: ${reason}` : '.'}` };
  }
  return 'LOST';
}

/** Errors of the operation: a stream ended by the server as too slow goes on from its cursor, everything else is told. */
function problemOf(errors: readonly { message: string; extensions?: Record<string, unknown> }[]): Outcome {
  if (errors.some((error) => error.extensions?.['code'] === 'SLOW_CONSUMER')) return 'LOST';
  return { problem: errors.map((error) => error.message).join('\n') };
}
