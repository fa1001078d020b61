/**
 * A subgraph's stream that outlives the way to it: when the connection breaks, or a replica goes, it is opened again behind the last event it
 * brought, so that whoever listens notices nothing but a pause.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { GraphQLError } from 'graphql';
import type { ExecutionResult } from 'graphql';
import type { RequestContext } from '@numberyard/kit/graph/subgraph';
import { gatewayError } from '../errors.js';
import type { Logger } from '../logger.js';
import { StreamInterrupted } from '../subgraphs/failures.js';
import type { SubgraphRequest, SubgraphSource } from '../subgraphs/source.js';
import type { SubscriptionPlan, Variables } from './plan.js';
import { cursorAsked } from './resumable.js';

export interface LastingStreamOptions {
  readonly source: SubgraphSource;
  readonly plan: SubscriptionPlan;
  /** All of the client's. */
  readonly variables: Variables;
  /** Whether the client's `after` is kept; without it the stream begins now. */
  readonly resume: boolean;
  readonly context: RequestContext;
  readonly logger: Logger;
  /** Milliseconds a stream that broke is tried to be opened again. */
  readonly patience: number;
}

/** Milliseconds before it is opened again, doubled each time it breaks without having brought anything; scattered by half. */
const firstPause = 20;
const longestPause = 2_000;
/** Milliseconds after which a stream that brought nothing counts as one that works: perhaps nothing happens. */
const steady = 10_000;

export class LastingStream implements AsyncIterator<ExecutionResult> {
  readonly #options: LastingStreamOptions;
  /** Everything up to here has been brought. */
  #cursor: string | undefined;
  #events: AsyncIterator<ExecutionResult>;
  #openedAt = performance.now();
  /** Times it broke in a row, and since when. */
  #breaks = 0;
  #brokenSince = 0;
  readonly #left = new AbortController();

  private constructor(
    options: LastingStreamOptions,
    cursor: string | undefined,
    events: AsyncIterator<ExecutionResult>,
  ) {
    this.#options = options;
    this.#cursor = cursor;
    this.#events = events;
  }

  /** @throws GraphQLError when the subgraph refuses it */
  static async open(options: LastingStreamOptions): Promise<LastingStream> {
    const { plan, variables, resume, source, context } = options;
    const { fromCursor, fromNow, fromPosition, after } = plan.resumable;
    if (resume) {
      return new LastingStream(options, cursorAsked(after, variables), await subscribe(options, fromCursor, {}));
    }
    // Without a position it could not be gone on from before its first event.
    const cursor = fromPosition && (await source.position?.(context.requestId));
    const events =
      fromPosition && cursor !== undefined
        ? await subscribe(options, fromPosition.text, { [fromPosition.variable]: cursor })
        : await subscribe(options, fromNow, {});
    return new LastingStream(options, cursor, events);
  }

  async next(): Promise<IteratorResult<ExecutionResult>> {
    for (;;) {
      try {
        const step = await this.#events.next();
        if (!step.done) this.#took(step.value);
        return step;
      } catch (error) {
        if (!(error instanceof StreamInterrupted || isPassing(error))) throw error;
        if (this.#left.signal.aborted) return { done: true, value: undefined };
        await this.#openAgain(error);
      }
    }
  }

  /** @throws GraphQLError for an event that could not be read, and may be when the stream is opened again */
  #took({ data, errors }: ExecutionResult): void {
    const { cursorOf, fromPosition } = this.#options.plan.resumable;
    const cursor = cursorOf(data);
    const unread = cursor === undefined && fromPosition && this.#cursor !== undefined;
    const away = unread ? errors?.find((error) => error.extensions['code'] === 'SUBGRAPH_UNAVAILABLE') : undefined;
    if (away) {
      this.#events.return?.().catch(() => undefined);
      throw away;
    }
    this.#cursor = cursor ?? this.#cursor;
    this.#breaks = 0;
  }

  async return(): Promise<IteratorResult<ExecutionResult>> {
    this.#left.abort();
    await this.#events.return?.();
    return { done: true, value: undefined };
  }

  /** @throws GraphQLError when it cannot be, or not any more */
  async #openAgain(interruption: StreamInterrupted | GraphQLError): Promise<void> {
    const { plan, source, context, logger, patience } = this.#options;
    const now = performance.now();
    if (this.#breaks === 0 || now - this.#openedAt > steady) {
      this.#breaks = 0;
      this.#brokenSince = now;
    }
    this.#breaks += 1;
    const { fromPosition } = plan.resumable;
    const cursor = this.#cursor;
    const spent = now - this.#brokenSince;
    logger.info(
      { subgraph: source.name, requestId: context.requestId, reason: interruption.message, breaks: this.#breaks },
      'a stream was interrupted',
    );
    if (!fromPosition || cursor === undefined || spent > patience) {
      // What the subgraph said of it says more.
      if (interruption instanceof GraphQLError) throw interruption;
      throw gatewayError(
        'STREAM_INTERRUPTED',
        `The stream from ${source.name} was interrupted. Subscribe again, with the last cursor as \`after\` where it has one.`,
        cursor === undefined ? {} : { cursor },
      );
    }
    const pause = Math.min(longestPause, firstPause * 2 ** (this.#breaks - 1)) * (0.5 + Math.random());
    const { signal } = this.#left;
    await delay(pause, undefined, { signal }).catch(() => undefined);
    const events = await subscribe(this.#options, fromPosition.text, { [fromPosition.variable]: cursor }).catch(
      (error: unknown) => {
        if (isPassing(error)) return broken(interruption);
        throw error;
      },
    );
    this.#events = events;
    this.#openedAt = performance.now();
    // Left while it opened.
    if (signal.aborted) await events.return?.();
  }
}

function subscribe(
  { source, plan, variables, context }: LastingStreamOptions,
  query: string,
  ours: Variables,
): Promise<AsyncIterator<ExecutionResult>> {
  const usages = plan.primary.variableUsages ?? [];
  const request: SubgraphRequest = {
    query,
    operationName: plan.primary.operationName,
    variables: { ...pick(variables, usages), ...ours },
    context,
  };
  return source.subscribe(request);
}

/** The subgraph is away, or says that what it needs is. */
function isPassing(error: unknown): error is GraphQLError {
  const code = error instanceof GraphQLError ? error.extensions['code'] : undefined;
  return code === 'SUBGRAPH_UNAVAILABLE' || code === 'SUBGRAPH_TIMEOUT';
}

/** Breaks at once, and so is opened again. */
function broken(interruption: StreamInterrupted | GraphQLError): AsyncIterator<ExecutionResult> {
  return { next: () => Promise.reject(interruption) };
}

function pick(variables: Variables, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(variables, name)).map((name) => [name, variables[name]]),
  );
}
