/** One client's end of a stream: writes deliveries to its socket, and gives up on a client that does not read. */
import type { GraphQLFormattedError } from 'graphql';
import type { PacedReceiver } from './resumed-stream.js';
import type { Delivery } from './upstream.js';

/** What a client stream needs of its socket. */
export interface MessageSink {
  /** Send text; `sent` is called when it has left the process, or never will. */
  send(message: string, sent?: () => void): void;
  /** Bytes accepted and not yet handed to the operating system. */
  readonly backlog: number;
}

export interface StreamOutcome {
  readonly delivered: number;
  readonly errors?: readonly GraphQLFormattedError[];
}

export interface ClientStreamOptions {
  readonly id: string;
  readonly sink: MessageSink;
  /** Bytes. */
  readonly backlogLimit: number;
  /** Called once, when the stream has ended by itself; the client has been told. */
  readonly onEnd: (outcome: StreamOutcome) => void;
}

export class ClientStream implements PacedReceiver {
  readonly #options: ClientStreamOptions;
  /** Everything before the payload: the payload itself is the same text for every client. */
  readonly #head: string;
  #delivered = 0;
  #cursor: string | undefined;
  #ended = false;

  constructor(options: ClientStreamOptions) {
    this.#options = options;
    this.#head = `{"id":${JSON.stringify(options.id)},"type":"next","payload":`;
  }

  get deliveries(): number {
    return this.#delivered;
  }

  delivered(delivery: Delivery): void {
    this.#write(delivery);
  }

  deliveredAndSent(delivery: Delivery): Promise<void> {
    return new Promise((resolve) => this.#write(delivery, resolve));
  }

  overrun(): void {
    this.failed([
      {
        message: 'The client reads more slowly than events happen. Subscribe again with the last cursor as `after`.',
        extensions: { code: 'SLOW_CONSUMER', ...(this.#cursor === undefined ? {} : { cursor: this.#cursor }) },
      },
    ]);
  }

  failed(errors: readonly GraphQLFormattedError[]): void {
    this.#end({ type: 'error', id: this.#options.id, payload: errors }, { delivered: this.#delivered, errors });
  }

  completed(): void {
    this.#end({ type: 'complete', id: this.#options.id }, { delivered: this.#delivered });
  }

  #write(delivery: Delivery, sent?: () => void): void {
    // Judged by what earlier messages left behind, so that a single large one is no reason.
    if (!this.#ended && this.#options.sink.backlog > this.#options.backlogLimit) this.overrun();
    if (this.#ended) return sent?.();
    this.#delivered += 1;
    this.#cursor = delivery.cursor ?? this.#cursor;
    this.#options.sink.send(`${this.#head}${delivery.payload}}`, sent);
  }

  #end(message: object, outcome: StreamOutcome): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.sink.send(JSON.stringify(message));
    this.#options.onEnd(outcome);
  }
}
