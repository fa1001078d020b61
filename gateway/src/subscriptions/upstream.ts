/** One open stream at a subgraph, its events joined with the other subgraphs and serialised. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { executeQueryPlan } from '@apollo/gateway';
import type { GraphQLDataSource } from '@apollo/gateway';
import type { ExecutionResult, GraphQLFormattedError } from 'graphql';
import type { RequestContext } from '@numberyard/kit/graph/subgraph';
import type { ErrorMask } from '../errors.js';
import { apolloLogger } from '../logger.js';
import type { Logger } from '../logger.js';
import { toResponse } from '../subgraphs/data-source.js';
import type { SubgraphSource } from '../subgraphs/source.js';
import { LastingStream } from './lasting-stream.js';
import type { SubscriptionPlan, SubscriptionPlanner, Variables } from './plan.js';
import { positionOf } from './position.js';
import type { Position } from './position.js';

/** One event, ready to be sent to any number of clients. */
export interface Delivery {
  /** The execution result as JSON text. */
  readonly payload: string;
  readonly cursor: string | undefined;
  readonly position: Position | undefined;
}

/** The stream broke, or never opened; `errors` are fit for callers. */
export class StreamFailure extends Error {
  readonly errors: readonly GraphQLFormattedError[];
  constructor(errors: readonly GraphQLFormattedError[]) {
    super(errors[0]?.message ?? 'The stream failed.');
    this.name = 'StreamFailure';
    this.errors = errors;
  }
}

export interface Upstream {
  /**
   * The next event; undefined at the end of the stream.
   * @throws StreamFailure
   */
  next(): Promise<Delivery | undefined>;
  /** Let go of the subgraph's stream at once; a `next` under way ends with undefined. */
  close(): void;
}

export interface UpstreamRequest {
  readonly plan: SubscriptionPlan;
  readonly variables: Variables;
  /** Whether the client's `after` is kept; without it the stream begins now. */
  readonly resume: boolean;
  readonly context: RequestContext;
}

export interface UpstreamOpenerOptions {
  readonly planner: SubscriptionPlanner;
  readonly sources: ReadonlyMap<string, SubgraphSource>;
  readonly dataSources: ReadonlyMap<string, GraphQLDataSource>;
  readonly mask: ErrorMask;
  readonly logger: Logger;
  /** Milliseconds a stream whose subgraph went away is kept. */
  readonly streamPatience: number;
}

type RequestOfApollo = Parameters<typeof executeQueryPlan>[2];
/** Of the request the plan executor reads these and no others. */
type ReadOfRequest = Pick<RequestOfApollo, 'request' | 'context' | 'logger' | 'metrics'>;

export class UpstreamOpener {
  readonly #options: UpstreamOpenerOptions;

  constructor(options: UpstreamOpenerOptions) {
    this.#options = options;
  }

  /** @throws StreamFailure when the subgraph refuses it */
  async open(request: UpstreamRequest): Promise<Upstream> {
    const { plan, variables, context } = request;
    const source = this.#options.sources.get(plan.primary.serviceName);
    if (!source) throw new Error(`There is no source for the subgraph "${plan.primary.serviceName}".`);
    const failure = (error: unknown): StreamFailure => {
      const masked = this.#options.mask.mask(error, context.requestId, source.name).toJSON();
      return new StreamFailure([{ ...masked, extensions: { ...masked.extensions, serviceName: source.name } }]);
    };
    const { logger, streamPatience: patience } = this.#options;
    const { resume } = request;
    const events = await LastingStream.open({ source, plan, variables, resume, context, logger, patience }).catch(
      (error: unknown) => {
        throw failure(error);
      },
    );
    let closed = false;
    let abandon: (() => void) | undefined;
    const close = (): void => {
      if (closed) return;
      closed = true;
      abandon?.();
      // Not awaited: a stream made by an async generator returns only after its next event, which may be never.
      events.return().catch((error: unknown) => {
        this.#options.logger.warn({ err: error, requestId: context.requestId }, 'a stream did not close cleanly');
      });
    };
    const advance = async (): Promise<Delivery | undefined> => {
      try {
        // In process an event costs no I/O at all, so a burst of them would keep everybody else waiting to its end.
        await nextTurn();
        const step = await events.next();
        if (step.done || closed) return undefined;
        return await this.#deliver(plan, variables, step.value, context);
      } catch (error) {
        if (closed) return undefined;
        throw failure(error);
      }
    };
    // Not a race with one long-lived promise: that would hold a reaction per event for as long as the stream is open.
    const next = (): Promise<Delivery | undefined> =>
      new Promise((resolve, reject) => {
        if (closed) return resolve(undefined);
        abandon = () => resolve(undefined);
        advance().then(resolve, reject);
      });
    return { close, next };
  }

  async #deliver(
    plan: SubscriptionPlan,
    variables: Variables,
    event: ExecutionResult,
    context: RequestContext,
  ): Promise<Delivery> {
    const cursor = plan.resumable.cursorOf(event.data);
    const result = await this.#join(plan, variables, event, context);
    const errors = result.errors?.map((error) => this.#options.mask.mask(error, context.requestId, 'gateway').toJSON());
    return {
      payload: JSON.stringify({ ...result, ...(errors ? { errors } : {}) }),
      cursor,
      position: positionOf(cursor),
    };
  }

  async #join(
    plan: SubscriptionPlan,
    variables: Variables,
    event: ExecutionResult,
    context: RequestContext,
  ): Promise<ExecutionResult> {
    const { planner, dataSources, logger } = this.#options;
    const serviceMap = Object.fromEntries(dataSources);
    const owner = dataSources.get(plan.primary.serviceName);
    let first = true;
    // The primary fetch is the first of the plan and has happened already; what the owner is asked after it are joins.
    serviceMap[plan.primary.serviceName] = {
      process: async (options) => {
        if (!first && owner) return owner.process(options);
        first = false;
        return toResponse(event);
      },
    };
    const request: ReadOfRequest = {
      request: { variables },
      context: { ...context },
      logger: apolloLogger(logger),
      metrics: {},
    };
    return executeQueryPlan(
      plan.perEvent,
      serviceMap,
      request as RequestOfApollo,
      plan.context,
      planner.supergraphSchema,
      planner.apiSchema,
    );
  }
}
