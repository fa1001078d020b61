/**
 * A stream that comes with a cursor. It catches up on an upstream of its own while the shared one is already listened to, and joins the shared
 * one at the first moment when nothing can be missing between the two.
 *
 * Why that is safe: both bring the same events in the order of their positions. The shared stream brings everything after `floor`: the
 * newest event it had handed out when this stream began to listen, or else its first one. So once the own upstream has brought an event at
 * `floor` or later, what the shared stream brought and brings, less what has been sent already, is exactly the rest.
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
  /** The last event of the own upstream that the client got. */
  #sent: Position | undefined;
  /** For the own upstream's next event. */
  #waiting = false;
  /** Decided, and about to happen: from here on nothing that is held may be dropped. */
  #joining = false;
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
      for (;;) {
        this.#waiting = true;
        const event = await own.next();
        this.#waiting = false;
        if (event && !this.#isClosed()) await receiver.deliveredAndSent(event);
        if (this.#isClosed()) return;
        this.#sent = event?.position ?? this.#sent;
        if (this.#joining || this.#mayJoin()) return await this.#join();
        if (!event) return this.#conclude(() => receiver.completed());
      }
    } catch (error) {
      const errors: readonly GraphQLFormattedError[] =
        error instanceof StreamFailure ? error.errors : [{ message: 'The stream failed.' }];
      this.#conclude(() => receiver.failed(errors));
    }
  }

  #mayJoin(): boolean {
    if (this.#sharedEnd || !this.#floor || !this.#sent) return false;
    return hasReached(this.#sent, this.#floor);
  }

  async #join(): Promise<void> {
    this.#state = 'emptying';
    this.#options.own.close();
    for (let event = this.#held.shift(); event; event = this.#held.shift()) {
      if (this.#wasSent(event)) continue;
      await this.#options.receiver.deliveredAndSent(event);
      if (this.#isClosed()) return;
    }
    if (this.#sharedEnd) return this.#conclude(this.#sharedEnd);
    // Nothing was awaited since the buffer was seen empty, so nothing slipped in between.
    this.#state = 'live';
  }

  #wasSent({ position }: Delivery): boolean {
    return this.#sent !== undefined && position !== undefined && hasReached(this.#sent, position);
  }

  #fromShared(delivery: Delivery): void {
    if (this.#state === 'closed') return;
    if (this.#state === 'catching up') return this.#hold(delivery);
    // The own upstream may have been ahead, with the shared one still busy on what the client has already.
    if (this.#wasSent(delivery)) return;
    if (this.#state === 'live') return this.#options.receiver.delivered(delivery);
    this.#held.push(delivery);
    if (this.#held.length > this.#options.buffer) this.#conclude(() => this.#options.receiver.overrun());
  }

  #hold(delivery: Delivery): void {
    // Without a position it cannot be told from the own upstream's copy of it, which the client gets.
    if (!delivery.position) return;
    this.#floor ??= delivery.position;
    this.#held.push(delivery);
    if (this.#joining) return;
    // The own upstream brings that one too; joining just has to wait until it has.
    if (this.#held.length > this.#options.buffer) this.#floor = this.#held.shift()?.position ?? this.#floor;
    // While an event is on its way to the client, the decision is for afterwards.
    if (!this.#waiting || !this.#mayJoin()) return;
    // What the own upstream may be busy on comes after the floor, so it is held or will be.
    this.#joining = true;
    this.#options.own.close();
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
