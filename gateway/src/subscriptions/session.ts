/**
 * One client socket speaking graphql-transport-ws. Our own rather than graphql-ws's server: that one pulls each client's stream through an async
 * iterator and serialises per client, where here one text goes to thousands of sockets. The messages and codes are graphql-ws's.
 */
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { CloseCode, MessageType, parseMessage } from 'graphql-ws';
import type { ConnectionInitMessage, SubscribeMessage } from 'graphql-ws';
import type { FormattedExecutionResult } from 'graphql';
import type { RawData, WebSocket } from 'ws';
import type { Identity } from '@numberyard/kit/identity/identity';
import type { ErrorMask } from '../errors.js';
import type { KeyVerifier } from '../identity/key-verifier.js';
import type { KeyHolder, KeyWatch } from '../identity/key-watch.js';
import type { Logger } from '../logger.js';
import type { GatewayLimits } from '../options.js';
import type { CallerContext } from '../operations/apollo.js';
import { applyBackpressure } from './backpressure.js';
import { ClientStream } from './client-stream.js';
import type { MessageSink, StreamOutcome } from './client-stream.js';
import type { SocketOperations } from './socket-operations.js';

export interface SessionOptions {
  readonly operations: SocketOperations;
  readonly keys: KeyVerifier;
  readonly watch: KeyWatch;
  readonly mask: ErrorMask;
  readonly logger: Logger;
  readonly limits: GatewayLimits;
}

/** Characters. A client's id for an operation is repeated with each of its events. */
const longestId = 128;

interface RunningOperation {
  /** Stop it without telling the client. */
  readonly stop: () => void;
  /** Tell the client why it ends, and stop it. */
  readonly fail: (code: string, message: string) => void;
  /** Ends in a moment by itself, as a stream does not. */
  readonly finite: boolean;
}

export class Session implements KeyHolder, MessageSink {
  readonly #socket: WebSocket;
  readonly #options: SessionOptions;
  readonly #operations = new Map<string, RunningOperation>();
  readonly #initTimer: NodeJS.Timeout;
  #initReceived = false;
  #caller: Pick<CallerContext, 'identity' | 'verifyKey'> | undefined;
  #unwatch: (() => void) | undefined;
  #alive = true;
  /** Unsent bytes when pings last went out. */
  #backlogAtPing = 0;

  constructor(socket: WebSocket, options: SessionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#initTimer = setTimeout(() => {
      if (!this.#initReceived)
        socket.close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout');
    }, options.limits.socketInitTimeout);
    socket.on('message', (data, isBinary) => this.#receivedSafely(data, isBinary));
    applyBackpressure(socket, options.limits.socketBacklog);
    socket.on('pong', () => (this.#alive = true));
    socket.on('close', () => this.#closed());
    // A broken frame or a message over the limit: ws closes the socket itself.
    socket.on('error', (error) => options.logger.debug({ err: error }, 'socket error'));
  }

  get backlog(): number {
    return this.#socket.bufferedAmount;
  }

  /** Queries and mutations under way, which a drain waits for. */
  get finiteOperations(): number {
    return [...this.#operations.values()].filter(({ finite }) => finite).length;
  }

  send(message: string, sent?: () => void): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return sent?.();
    this.#socket.send(message, sent && (() => sent()));
  }

  /** Ping; cut the socket when the last ping was not answered. */
  checkAlive(): void {
    // The answer to a ping is not read while much is unsent, so taking some of that counts as one.
    const takes = this.backlog < this.#backlogAtPing;
    if (!this.#alive && !takes) return this.#socket.terminate();
    this.#alive = false;
    this.#backlogAtPing = this.backlog;
    this.#socket.ping();
  }

  keyEnded(reason: string): void {
    this.#failAll('UNAUTHENTICATED', reason);
    this.#socket.close(CloseCode.Forbidden, 'Forbidden');
  }

  keyUnverifiable(): void {
    this.close(1013, 'Keys cannot be verified; try again later');
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** Whatever a message leads to, it must not end the process. */
  #receivedSafely(data: RawData, isBinary: boolean): void {
    try {
      this.#received(data, isBinary);
    } catch (error) {
      this.#options.mask.mask(error, randomUUID(), 'socket');
      this.close(1011, 'The message could not be answered');
    }
  }

  #received(data: RawData, isBinary: boolean): void {
    // What comes after a close was sent is void, so that no operation begins on a socket that is going away.
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    let message;
    try {
      if (isBinary) throw new Error('binary');
      message = parseMessage(String(data));
    } catch {
      return this.close(CloseCode.BadRequest, 'Invalid message received');
    }
    switch (message.type) {
      case MessageType.ConnectionInit:
        void this.#init(message);
        return;
      case MessageType.Ping:
        return this.send(
          JSON.stringify({ type: MessageType.Pong, ...(message.payload ? { payload: message.payload } : {}) }),
        );
      case MessageType.Pong:
        return;
      case MessageType.Subscribe:
        return this.#subscribe(message);
      case MessageType.Complete:
        this.#operations.get(message.id)?.stop();
        this.#operations.delete(message.id);
        return;
      default:
        return this.close(CloseCode.BadRequest, 'Invalid message received');
    }
  }

  async #init(message: ConnectionInitMessage): Promise<void> {
    if (this.#initReceived)
      return this.close(CloseCode.TooManyInitialisationRequests, 'Too many initialisation requests');
    this.#initReceived = true;
    clearTimeout(this.#initTimer);
    const authorization = authorizationOf(message.payload);
    try {
      // Not from memory: what is remembered may be seconds old, and the watch adds its own interval to that.
      const identity = await this.#options.keys.verify(authorization);
      if (!identity) return this.close(CloseCode.Forbidden, 'Forbidden');
      if (this.#socket.readyState !== this.#socket.OPEN) return;
      this.#caller = { identity, verifyKey: () => this.#options.keys.verify(authorization) };
      // Who is let in without a key has none that could end.
      if (authorization !== undefined) this.#unwatch = this.#options.watch.add(authorization, identity, this);
      this.send(JSON.stringify({ type: MessageType.ConnectionAck }));
    } catch (error) {
      this.#options.mask.mask(error, randomUUID(), 'authentication');
      this.close(1013, 'Keys cannot be verified; try again later');
    }
  }

  #subscribe({ id, payload }: SubscribeMessage): void {
    const caller = this.#caller;
    if (!caller) return this.close(CloseCode.Unauthorized, 'Unauthorized');
    if (id.length > longestId) return this.close(CloseCode.BadRequest, 'The id of the operation is too long');
    if (this.#operations.has(id)) {
      return this.close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id.slice(0, 60)} already exists`);
    }
    const requestId = randomUUID();
    if (this.#operations.size >= this.#options.limits.operationsPerSocket) {
      return this.#sendError(id, 'TOO_MANY_OPERATIONS', 'Too many operations on one socket; open another one.');
    }
    const answer = this.#options.operations.answer(payload, { ...caller, requestId });
    switch (answer.kind) {
      case 'refused':
        return this.send(JSON.stringify({ id, type: MessageType.Error, payload: answer.errors }));
      case 'result':
        return this.#awaitResult(id, requestId, answer.result);
      case 'stream':
        return this.#startStream(id, requestId, payload.operationName?.slice(0, 100), caller.identity, answer.start);
    }
  }

  #startStream(
    id: string,
    requestId: string,
    operation: string | undefined,
    identity: Identity,
    start: (receiver: ClientStream) => () => void,
  ): void {
    const begun = performance.now();
    const state = { over: false, leave: (): void => undefined };
    const log = (outcome: StreamOutcome): void => {
      const durationMs = Math.round(performance.now() - begun);
      const errors = outcome.errors?.map((error) => error.extensions?.['code']);
      const fields = { requestId, caller: identity.id, operation, durationMs, delivered: outcome.delivered };
      this.#options.logger.info(errors ? { ...fields, errors } : fields, 'stream ended');
    };
    const end = (outcome: StreamOutcome): void => {
      if (state.over) return;
      state.over = true;
      // At once: the client may use the id again as soon as it hears of the end.
      this.#operations.delete(id);
      state.leave();
      log(outcome);
    };
    const stream = new ClientStream({
      id,
      sink: this,
      backlogLimit: this.#options.limits.socketBacklog,
      onEnd: end,
    });
    this.#operations.set(id, {
      stop: () => end({ delivered: stream.deliveries }),
      fail: (code, message) => stream.failed([{ message, extensions: { code } }]),
      finite: false,
    });
    this.#options.logger.info({ requestId, caller: identity.id, operation }, 'stream started');
    state.leave = start(stream);
  }

  #awaitResult(id: string, requestId: string, result: Promise<FormattedExecutionResult>): void {
    let wanted = true;
    this.#operations.set(id, {
      stop: () => (wanted = false),
      fail: (code, message) => {
        wanted = false;
        this.#sendError(id, code, message);
      },
      finite: true,
    });
    result.then(
      (value) => {
        if (!wanted) return;
        this.#operations.delete(id);
        // Refused before anything ran, as a syntax error is: the protocol has a message of its own for that, and no completion after it.
        if (value.errors && !('data' in value)) {
          return this.send(JSON.stringify({ id, type: MessageType.Error, payload: value.errors }));
        }
        this.send(JSON.stringify({ id, type: MessageType.Next, payload: value }));
        this.send(JSON.stringify({ id, type: MessageType.Complete }));
      },
      (error: unknown) => {
        const masked = this.#options.mask.mask(error, requestId, 'gateway').toJSON();
        if (!wanted) return;
        this.#operations.delete(id);
        this.send(JSON.stringify({ id, type: MessageType.Error, payload: [masked] }));
      },
    );
  }

  #sendError(id: string, code: string, message: string): void {
    this.send(JSON.stringify({ id, type: MessageType.Error, payload: [{ message, extensions: { code } }] }));
  }

  #failAll(code: string, message: string): void {
    const running = [...this.#operations.values()];
    this.#operations.clear();
    for (const operation of running) operation.fail(code, message);
  }

  #closed(): void {
    clearTimeout(this.#initTimer);
    this.#unwatch?.();
    for (const { stop } of this.#operations.values()) stop();
    this.#operations.clear();
  }
}

/** Explorers and clients differ in how they spell it. */
function authorizationOf(params: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const value = params?.['authorization'] ?? params?.['Authorization'];
  return typeof value === 'string' ? value : undefined;
}
