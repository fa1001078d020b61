/** A subgraph in another process: queries and mutations over HTTP, subscriptions over one WebSocket. Ours or anybody's. */
import type { ExecutionResult, FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import { IDENTITY_HEADER, signCaller, SUBSCRIBE, subscribeBody } from '@numberyard/kit/service/signature';
import type { Caller } from '@numberyard/kit/service/signature';
import type { ErrorMask } from '../errors.js';
import { gatewayError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { GatewayLimits } from '../options.js';
import { readAnswer, readHead } from './answer.js';
import { EventQueue } from './event-queue.js';
import { outcomeUnknown, StreamInterrupted, subgraphTimeout, subgraphUnavailable } from './failures.js';
import { foreignError } from './foreign-errors.js';
import { NoAnswer, SubgraphClient } from './subgraph-client.js';
import { SubgraphSocket } from './subgraph-socket.js';
import type { SubgraphRequest, SubgraphSource } from './source.js';

export interface HttpSubgraph {
  /** As the supergraph calls it. */
  readonly name: string;
  /** http or https; streams are asked for at the same address by ws or wss. */
  readonly url: string;
  /** Signs who calls; without it the subgraph is told nothing of callers. */
  readonly signingSecret?: string | undefined;
}

export interface HttpSourceOptions {
  readonly subgraph: HttpSubgraph;
  readonly mask: ErrorMask;
  readonly logger: Logger;
  readonly limits: GatewayLimits;
}

/** Events of a stream that may wait for whoever takes them. */
const heldEvents = { events: 1_000, bytes: 8_000_000 };
const connectTries = 3;
/** Answers with the state of the log and nothing else. */
const logHead = '/internal/log?limit=0';
const isMutation = /^\s*mutation\b/;

export class HttpSource implements SubgraphSource {
  readonly #options: HttpSourceOptions;
  readonly #path: string;
  readonly #client: SubgraphClient;
  readonly #socket: SubgraphSocket;

  constructor(options: HttpSourceOptions) {
    const { subgraph, limits, logger } = options;
    const url = new URL(subgraph.url);
    this.#options = options;
    this.#path = url.pathname + url.search;
    this.#client = new SubgraphClient({
      url,
      connections: limits.subgraphConnections,
      timeout: limits.subgraphTimeout,
      responseSize: limits.subgraphResponseSize,
    });
    this.#socket = new SubgraphSocket({
      name: subgraph.name,
      url: `${url.protocol === 'https:' ? 'wss:' : 'ws:'}//${url.host}${this.#path}`,
      messageSize: limits.subgraphResponseSize,
      timeout: Math.min(limits.subgraphTimeout, 5_000),
      pingInterval: limits.socketPingInterval,
      logger,
    });
  }

  get name(): string {
    return this.#options.subgraph.name;
  }

  async execute(request: SubgraphRequest): Promise<ExecutionResult> {
    const { query, operationName, variables, context } = request;
    const changes = isMutation.test(query);
    try {
      const body = JSON.stringify({ query, operationName, variables });
      const answer = await this.#client.ask({
        method: 'POST',
        path: this.#path,
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, application/graphql-response+json',
          'x-request-id': context.requestId,
          ...this.#identityHeader('POST', this.#path, body, { identity: context.identity }),
        },
        body,
        repeatable: !changes,
      });
      if (answer.status === 401 && this.#signs) throw signatureRefused();
      return this.#told(readAnswer(answer), request);
    } catch (error) {
      const told = this.#failure(error, context.requestId, changes);
      return { data: null, errors: [this.#options.mask.mask(told, context.requestId, this.name)] };
    }
  }

  async subscribe(request: SubgraphRequest): Promise<AsyncIterator<ExecutionResult>> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#subscribe(request);
      } catch (error) {
        if (!(error instanceof StreamInterrupted)) throw error;
        // The socket waits a little longer before each attempt.
        if (tries >= connectTries) throw subgraphUnavailable(this.name);
      }
    }
  }

  /** Of the subgraph's log, for subgraphs of ours; others have none to ask. */
  async position(requestId: string): Promise<string | undefined> {
    if (!this.#signs) return undefined;
    try {
      const headers = {
        'x-request-id': requestId,
        ...this.#identityHeader('GET', logHead, '', { service: 'gateway' }),
      };
      return readHead(await this.#client.ask({ method: 'GET', path: logHead, headers, repeatable: true }));
    } catch (error) {
      this.#options.logger.warn({ err: error, requestId, subgraph: this.name }, 'the head of a log could not be read');
      return undefined;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#socket.close(), this.#client.close()]);
  }

  async #subscribe(request: SubgraphRequest): Promise<AsyncIterator<ExecutionResult>> {
    const { mask } = this.#options;
    const { requestId } = request.context;
    const end = { now: (): void => undefined };
    const events = new EventQueue<ExecutionResult>({ ...heldEvents, onLeft: () => end.now() });
    const failed = (errors: readonly GraphQLFormattedError[]) =>
      events.fail(mask.mask(this.#refusal(errors, request.query), requestId, this.name));
    end.now = await this.#socket.subscribe(() => this.#payload(request), {
      next: (result, size) => {
        // Servers that follow graphql-js tell a refusal like an event, but one that nothing was executed for.
        if (result.errors && result.data === undefined) return failed(result.errors);
        events.push(this.#told(result, request), size);
      },
      failed,
      completed: () => events.complete(),
      interrupted: (reason) => events.fail(new StreamInterrupted(reason)),
    });
    return events;
  }

  #refusal([error]: readonly GraphQLFormattedError[], query: string): Error {
    if (!error) return new Error('It refused without saying why.');
    if (error.extensions?.['code'] === 'UNSIGNED' && this.#signs) return signatureRefused();
    return foreignError(error, true, query);
  }

  /** Callers have shown their keys to this gateway; a subgraph that is told who calls can only mean the gateway itself. */
  get #signs(): boolean {
    return this.#options.subgraph.signingSecret !== undefined;
  }

  #payload({ query, operationName, variables, context: { identity, requestId } }: SubgraphRequest) {
    const operation = { query, operationName, variables: { ...variables } };
    const { signingSecret: secret } = this.#options.subgraph;
    const body = subscribeBody(operation);
    const signed = { method: SUBSCRIBE, path: '/graphql', body, caller: { identity }, now: Date.now() };
    const extensions = { requestId, ...(secret === undefined ? {} : { identity: signCaller(secret, signed) }) };
    return { ...operation, extensions };
  }

  #identityHeader(method: string, path: string, body: string, caller: Caller): Record<string, string> {
    const { signingSecret: secret } = this.#options.subgraph;
    return secret === undefined
      ? {}
      : { [IDENTITY_HEADER]: signCaller(secret, { method, path, body, caller, now: Date.now() }) };
  }

  #told({ data, errors }: FormattedExecutionResult, request: SubgraphRequest): ExecutionResult {
    if (!errors) return { data };
    const refused = data === undefined;
    const told = errors.map((error: GraphQLFormattedError) =>
      this.#options.mask.mask(foreignError(error, refused, request.query), request.context.requestId, this.name),
    );
    return { ...(refused ? {} : { data }), errors: told };
  }

  #failure(error: unknown, requestId: string, changes: boolean): unknown {
    if (!(error instanceof NoAnswer)) return error;
    const { logger, limits } = this.#options;
    logger.warn(
      { err: error.cause, requestId, subgraph: this.name, reason: error.reason },
      'a subgraph did not answer',
    );
    switch (error.reason) {
      case 'LATE':
        return subgraphTimeout(this.name, limits.subgraphTimeout);
      case 'TOO_LARGE':
        return gatewayError(
          'SUBGRAPH_RESPONSE_TOO_LARGE',
          `${this.name} answered with more than ${limits.subgraphResponseSize} bytes. Ask for less at a time.`,
        );
      case 'CUT':
        return changes ? outcomeUnknown(this.name) : subgraphUnavailable(this.name);
      case 'UNREACHABLE':
        return subgraphUnavailable(this.name);
    }
  }
}

function signatureRefused(): Error {
  return new Error("It does not accept the gateway's signature: the secrets or the clocks of the two differ.");
}
