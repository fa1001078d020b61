/**
 * Subscriptions over WebSocket (graphql-transport-ws). One socket carries the operations of many callers, so each of them is signed by itself, in
 * `extensions.identity` of its subscribe message.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { GraphQLError, parse, type ExecutionArgs, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, makeServer, type Server, type SubscribePayload } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Clock } from '../clock/clock.js';
import type { SubgraphExecutor } from '../graph/subgraph-executor.js';
import type { Logger } from '../logging/logger.js';
import { wired } from './graphql-route.js';
import type { ServiceLimits } from './limits.js';
import { requestIdOf } from './message.js';
import { subscribeBody, SUBSCRIBE, verifyCaller } from './signature.js';
import { toWire } from './wire-errors.js';

export interface GraphQLSocketsOptions {
  readonly executor: SubgraphExecutor;
  readonly schema: GraphQLSchema;
  readonly secret: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: ServiceLimits;
}

interface Socket {
  /** Called when the first operation that is signed has come. */
  readonly prove: () => void;
}

/** What is run has been opened already; graphql-ws only wants to know that it is a stream. */
const A_STREAM = parse('subscription { stream }');

export class GraphQLSockets {
  readonly #options: GraphQLSocketsOptions;
  readonly #sockets: WebSocketServer;
  readonly #protocol: Server<Socket>;
  /** Those on which nothing signed has come, oldest first. */
  readonly #unproven = new Set<WebSocket>();

  constructor(options: GraphQLSocketsOptions) {
    this.#options = options;
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: options.limits.bodySize,
      perMessageDeflate: false,
      handleProtocols: (offered) =>
        offered.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : false,
    });
    const requestIds = new WeakMap<SubscribePayload, string>();
    const idOf = (payload: SubscribePayload): string => {
      const id = requestIds.get(payload) ?? requestIdOf(payload.extensions?.['requestId']);
      requestIds.set(payload, id);
      return id;
    };
    const { logger } = options;
    this.#protocol = makeServer<Record<string, unknown>, Socket>({
      connectionInitWaitTimeout: options.limits.socketInitTimeout,
      onSubscribe: ({ extra }, _id, payload) => this.#open(extra, payload, idOf(payload)),
      subscribe: ({ rootValue }) => rootValue as AsyncIterableIterator<ExecutionResult, void>,
      onNext: (_context, _id, payload, _args, result) => wired(result, logger, idOf(payload)),
      onError: (_context, _id, payload, errors) => errors.map((error) => toWire(beneath(error), logger, idOf(payload))),
    });
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#sockets.handleUpgrade(request, socket, head, (client) => this.#admit(client));
  }

  /** Send everybody elsewhere: streams are not completed, which would mean that there is nothing more to come. */
  async drain(withinMs: number): Promise<void> {
    const closed = new Promise((resolve) => this.#sockets.close(resolve));
    for (const client of this.#sockets.clients) client.close(1001, 'The service is stopping; connect again');
    const cut = setTimeout(() => {
      for (const client of this.#sockets.clients) client.terminate();
    }, withinMs);
    await closed;
    clearTimeout(cut);
  }

  /** @returns the opened stream as graphql-ws takes it, or why there is none */
  async #open(
    socket: Socket,
    payload: SubscribePayload,
    requestId: string,
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const { executor, schema, secret, clock, logger } = this.#options;
    const { query, operationName, variables, extensions } = payload;
    const header = extensions?.['identity'];
    const verified = verifyCaller(secret, {
      method: SUBSCRIBE,
      path: '/graphql',
      body: subscribeBody(payload),
      header: typeof header === 'string' ? header : undefined,
      now: clock.now(),
    });
    if ('refused' in verified) {
      logger.warn({ requestId, reason: verified.refused }, 'an operation was refused: its signature is not good');
      return [refusal('UNSIGNED', 'The operation carries no valid signature.')];
    }
    socket.prove();
    const { caller } = verified;
    if (!('identity' in caller)) return [refusal('FORBIDDEN', 'Operations are for end callers.')];
    try {
      const context = { identity: caller.identity, requestId };
      const results = await executor.subscribe({
        query,
        operationName: operationName ?? undefined,
        variables: variables ?? {},
        context,
      });
      return { schema, document: A_STREAM, rootValue: iterable(results) };
    } catch (error) {
      return [error instanceof GraphQLError ? error : new GraphQLError(String(error))];
    }
  }

  #admit(client: WebSocket): void {
    const { limits, logger } = this.#options;
    client.on('error', (error) => logger.debug({ err: error }, 'a socket failed'));
    if (client.protocol !== GRAPHQL_TRANSPORT_WS_PROTOCOL)
      return client.close(CloseCode.SubprotocolNotAcceptable, 'Subprotocol not acceptable');
    const proven = this.#awaitProof(client);
    const closed = this.#protocol.opened(
      {
        protocol: client.protocol,
        send: (text) =>
          new Promise((resolve, reject) => {
            if (client.readyState !== client.OPEN) resolve();
            else client.send(text, (error) => (error ? reject(error) : resolve()));
          }),
        close: (code, reason) => client.close(code, reason),
        onMessage: (take) =>
          client.on('message', (message) => {
            take(String(message)).catch((error: unknown) => {
              logger.warn({ err: error }, 'a message on a socket could not be handled');
              client.close(CloseCode.InternalServerError, 'Internal server error');
            });
          }),
      },
      { prove: proven },
    );
    let answered = true;
    client.on('pong', () => (answered = true));
    const pings = setInterval(() => {
      if (!answered) return client.terminate();
      answered = false;
      client.ping();
    }, limits.socketPingInterval);
    client.once('close', (code, reason) => {
      proven();
      clearInterval(pings);
      closed(code, String(reason)).catch((error: unknown) => logger.warn({ err: error }, 'a stream did not end well'));
    });
  }

  /**
   * Close the socket unless something signed comes in time, and the oldest such socket when there are too many of them.
   * @returns the function that ends the wait
   */
  #awaitProof(client: WebSocket): () => void {
    const { socketProofTimeout, unprovenSockets } = this.#options.limits;
    const timer = setTimeout(
      () => client.close(CloseCode.Unauthorized, 'No signed operation came'),
      socketProofTimeout,
    );
    this.#unproven.add(client);
    const [oldest = client] = this.#unproven;
    if (this.#unproven.size > unprovenSockets) {
      this.#unproven.delete(oldest);
      oldest.terminate();
    }
    return () => {
      clearTimeout(timer);
      this.#unproven.delete(client);
    };
  }
}

function refusal(code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}

/** graphql-ws wraps what a stream throws. */
function beneath(error: GraphQLError): GraphQLError {
  return error.originalError instanceof GraphQLError ? error.originalError : error;
}

/** With what graphql-ws looks for before it ends a stream that its client has left. */
function iterable(results: AsyncIterator<ExecutionResult>): AsyncIterableIterator<ExecutionResult> {
  const end = async (): Promise<IteratorResult<ExecutionResult>> => {
    await results.return?.();
    return { done: true, value: undefined };
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => results.next(),
    return: end,
    throw: end,
  };
}
