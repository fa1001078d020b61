/** One socket to a subgraph speaking graphql-transport-ws; many operations of many callers run on it. */
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, MessageType, parseMessage } from 'graphql-ws';
import type { SubscribePayload } from 'graphql-ws';
import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import { WebSocket } from 'ws';
import type { RawData } from 'ws';

/** Milliseconds a peer has to answer a close. */
const closingTimeout = 1_000;

/** Hears what comes of one operation; nothing after `failed`, `completed` or `interrupted`. */
export interface OperationSink {
  /** @param size bytes of the message */
  next(result: FormattedExecutionResult, size: number): void;
  failed(errors: readonly GraphQLFormattedError[]): void;
  completed(): void;
  /** The socket broke. */
  interrupted(reason: string): void;
}

export interface ConnectionOptions {
  readonly url: string;
  /** Bytes of one message. */
  readonly messageSize: number;
  /** Milliseconds until the subgraph has acknowledged. */
  readonly timeout: number;
  /** Milliseconds between pings; one that is not answered by the next ends the connection. */
  readonly pingInterval: number;
  /** Called when the last operation has ended. */
  readonly onIdle: () => void;
}

export class SubgraphConnection {
  readonly #socket: WebSocket;
  readonly #options: ConnectionOptions;
  readonly #operations = new Map<string, OperationSink>();
  readonly #acknowledged: Promise<void>;
  #acknowledge: () => void = () => undefined;
  #refuse: (error: Error) => void = () => undefined;
  #pings: NodeJS.Timeout | undefined;
  #alive = true;
  #lastId = 0;
  /** What the socket said before it closed. */
  #fault: Error | undefined;
  /** Resolves with the reason once the socket is closed, however that came about. */
  readonly closed: Promise<string>;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#socket = new WebSocket(options.url, GRAPHQL_TRANSPORT_WS_PROTOCOL, {
      maxPayload: options.messageSize,
      handshakeTimeout: options.timeout,
      perMessageDeflate: false,
      followRedirects: false,
    });
    this.#acknowledged = new Promise((resolve, reject) => {
      this.#acknowledge = resolve;
      this.#refuse = reject;
    });
    // Whoever waits for it hears of it; nobody may.
    this.#acknowledged.catch(() => undefined);
    this.closed = new Promise((resolve) => {
      this.#socket.on('close', (code, reason) => resolve(this.#ended(code, String(reason))));
    });
    this.#socket.on('error', (error) => (this.#fault ??= error));
    this.#socket.on('open', () => this.#socket.send(JSON.stringify({ type: MessageType.ConnectionInit })));
    this.#socket.on('message', (data, isBinary) => this.#received(data, isBinary));
    this.#socket.on('pong', () => (this.#alive = true));
  }

  /** @throws Error when the subgraph does not take the connection, in time */
  async acknowledged(): Promise<void> {
    const timer = setTimeout(() => this.#socket.terminate(), this.#options.timeout);
    try {
      await this.#acknowledged;
    } finally {
      clearTimeout(timer);
    }
  }

  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  get operations(): number {
    return this.#operations.size;
  }

  /**
   * Only while it is open.
   * @returns the function that ends it, after which the sink hears no more
   */
  subscribe(payload: SubscribePayload, sink: OperationSink): () => void {
    const id = String(++this.#lastId);
    this.#operations.set(id, sink);
    this.#socket.send(JSON.stringify({ id, type: MessageType.Subscribe, payload }));
    return () => {
      if (!this.#operations.has(id)) return;
      if (this.open) this.#socket.send(JSON.stringify({ id, type: MessageType.Complete }));
      this.#remove(id);
    };
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
    // A peer that is gone does not answer the closing handshake; ws itself would wait half a minute for it.
    setTimeout(() => this.#socket.terminate(), closingTimeout).unref();
  }

  #received(data: RawData, isBinary: boolean): void {
    const text = isBinary ? '' : String(data);
    try {
      this.#handle(text);
    } catch (error) {
      this.#fault ??= error instanceof Error ? error : new Error(String(error));
      this.close(CloseCode.BadResponse, 'Bad response');
    }
  }

  /** @throws Error for what is no message of the protocol */
  #handle(text: string): void {
    const message = parseMessage(text);
    switch (message.type) {
      case MessageType.ConnectionAck:
        this.#pings ??= setInterval(() => this.#ping(), this.#options.pingInterval).unref();
        return this.#acknowledge();
      case MessageType.Ping:
        return this.#socket.send(JSON.stringify({ type: MessageType.Pong }));
      case MessageType.Pong:
        return;
      // Those of an operation that has been ended may still be on their way.
      case MessageType.Next:
        return this.#operations.get(message.id)?.next(message.payload, text.length);
      case MessageType.Error:
        return this.#remove(message.id)?.failed(message.payload);
      case MessageType.Complete:
        return this.#remove(message.id)?.completed();
      default:
        throw new Error(`A server does not send ${message.type}.`);
    }
  }

  #remove(id: string): OperationSink | undefined {
    const sink = this.#operations.get(id);
    this.#operations.delete(id);
    if (this.#operations.size === 0) this.#options.onIdle();
    return sink;
  }

  #ping(): void {
    if (!this.#alive) {
      this.#fault ??= new Error('A ping was not answered.');
      return this.#socket.terminate();
    }
    this.#alive = false;
    this.#socket.ping();
  }

  #ended(code: number, said: string): string {
    clearInterval(this.#pings);
    const reason = this.#fault?.message ?? `closed with ${code}${said === '' ? '' : ` ${said}`}`;
    this.#refuse(new Error(reason, { cause: this.#fault }));
    const sinks = [...this.#operations.values()];
    this.#operations.clear();
    for (const sink of sinks) sink.interrupted(reason);
    return reason;
  }
}
