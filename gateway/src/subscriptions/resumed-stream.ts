/**
 * A stream that comes with a cursor. It catches up on an upstream of its own while the shared one is already listened to, and joins the shared
 * one at the first moment when nothing can be missing between the two.
 *
 * Why that is safe: both bring the same events in the order of their positions. The shared stream brings everything after `floor`: the
 * newest event it had handed out when this stream began to listen, or else its first one. So once the own upstream has brought an event at
 * `floor` or later, what is held from the shared stream, less what has been sent already, is exactly the rest.
 */
import type { GraphQLFormattedError } from 'graphql';
import { hasReached } from './position.js';
import type { Position } from './position.js';
import type { Receiver, SharedStream } from './shared-stream.js';
import { StreamFailure } from './upstream.js';
import type { Delivery, Upstream } from './upstream.js';

/** A receiver that can also say when it has passed an event on, so that catching up goes no faster than its client reads. */
export interface PacedReceiver extends Receiver {
  deliveredAndSent(delivery: Delivery): Promise<void>;
  /** It cannot keep up with the live stream. */
  overrun(): void;
}

export interface ResumedStreamOptions {
  /** Open at the client's cursor already. */
  readonly own: Upstream;
  readonly shared: SharedStream;
  readonly receiver: PacedReceiver;
  /** Live events that may be held. */
  readonly buffer: number;
}

export class ResumedStream {
  readonly #options: ResumedStreamOptions;
  readonly #held: Delivery[] = [];
  readonly #listener: Receiver;
  #floor: Position | undefined;
  #state: 'catching up' | 'emptying' | 'live' | 'closed' = 'catching up';
  /** What ended the shared stream while events of it were still held. */
  #sharedEnd: (() => void) | undefined;

  constructor(options: ResumedStreamOptions) {
    this.#options = options;
    this.#floor = options.shared.last?.position;
    this.#listener = {
      delivered: (delivery) => this.#fromShared(delivery),
      failed: (errors) => this.#sharedEnded(() => options.receiver.failed(errors)),
      completed: () => this.#sharedEnded(() => options.receiver.completed()),
    };
    options.shared.join(this.#listener);
    void this.#run();
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#held.length = 0;
    this.#options.own.close();
    this.#options.shared.leave(this.#listener);
  }

  async #run(): Promise<void> {
    const { own, receiver } = this.#options;
    try {
      for (let event = await own.next(); event; event = await own.next()) {
        if (this.#state === 'closed') return;
        await receiver.deliveredAndSent(event);
        if (event.position && this.#mayJoin(event.position)) return await this.#join(event.position);
      }
      this.#conclude(() => receiver.completed());
    } catch (error) {
      const errors: readonly GraphQLFormattedError[] =
        error instanceof StreamFailure ? error.errors : [{ message: 'The stream failed.' }];
      this.#conclude(() => receiver.failed(errors));
    }
  }

  #mayJoin(sent: Position): boolean {
    return this.#sharedEnd === undefined && this.#floor !== undefined && hasReached(sent, this.#floor);
  }

  async #join(sent: Position): Promise<void> {
    this.#state = 'emptying';
    this.#options.own.close();
    for (let event = this.#held.shift(); event; event = this.#held.shift()) {
      // Without a position it cannot be one that was sent: those of the own upstream are compared by theirs.
      if (event.position && hasReached(sent, event.position)) continue;
      await this.#options.receiver.deliveredAndSent(event);
      if (this.#isClosed()) return;
    }
    if (this.#sharedEnd) return this.#conclude(this.#sharedEnd);
    // Nothing was awaited since the buffer was seen empty, so nothing slipped in between.
    this.#state = 'live';
  }

  #fromShared(delivery: Delivery): void {
    if (this.#state === 'live') return this.#options.receiver.delivered(delivery);
    if (this.#state === 'closed') return;
    if (this.#state === 'catching up') {
      // An event without a position cannot be told from the own upstream's copy of it, which the client gets.
      if (!delivery.position) return;
      this.#floor ??= delivery.position;
    }
    this.#held.push(delivery);
    if (this.#held.length <= this.#options.buffer) return;
    if (this.#state === 'emptying') return this.#conclude(() => this.#options.receiver.overrun());
    // The own upstream brings that one too; joining just has to wait until it has.
    this.#floor = this.#held.shift()?.position ?? this.#floor;
  }

  #sharedEnded(tell: () => void): void {
    if (this.#state === 'live') return this.#conclude(tell);
    // The own upstream stands by itself, and hears of whatever ended the other one if it concerns both.
    this.#sharedEnd = tell;
  }

  #conclude(tell: () => void): void {
    if (this.#isClosed()) return;
    this.close();
    tell();
  }

  /** A method, so that the compiler forgets what it knew of the state across an await. */
  #isClosed(): boolean {
    return this.#state === 'closed';
  }
}
