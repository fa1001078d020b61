/**
 * Clients that resume the same stream at the same cursor: after a restart that is most of them. They share one upstream and one execution per
 * event from the first event on; who comes later begins a catch-up of its own.
 */
import type { GraphQLFormattedError } from 'graphql';
import { ReceiverGroup } from './receiver-group.js';
import { ResumedStream } from './resumed-stream.js';
import type { PacedReceiver } from './resumed-stream.js';
import type { SharedStream } from './shared-stream.js';
import { StreamFailure } from './upstream.js';
import type { Delivery, Upstream } from './upstream.js';

export interface CatchUpOptions {
  /** Open the upstream at the cursor. */
  readonly open: () => Promise<Upstream>;
  /** The live stream to join in the end. */
  readonly shared: () => SharedStream;
  /** Live events that may be held meanwhile. */
  readonly buffer: number;
  /** Called when nobody can join any more: it has begun to deliver, or is over. */
  readonly onClosedToOthers: () => void;
}

export class CatchUp {
  readonly #options: CatchUpOptions;
  readonly #group = new ReceiverGroup();
  #stream: ResumedStream | undefined;
  #over = false;

  constructor(options: CatchUpOptions) {
    this.#options = options;
    void this.#begin();
  }

  join(receiver: PacedReceiver): void {
    this.#group.add(receiver);
  }

  /** The last one to leave ends it. */
  leave(receiver: PacedReceiver): void {
    this.#group.remove(receiver);
    if (this.#group.size === 0) this.#end();
  }

  async #begin(): Promise<void> {
    try {
      const own = await this.#options.open();
      // All may have left while it opened.
      if (this.#over) return own.close();
      const { shared, buffer } = this.#options;
      this.#stream = new ResumedStream({ own, shared: shared(), receiver: this.#receiver(), buffer });
    } catch (error) {
      this.#fail(error instanceof StreamFailure ? error.errors : [{ message: 'The stream failed.' }]);
    }
  }

  /** The group, but that its first delivery closes it to others. */
  #receiver(): PacedReceiver {
    const group = this.#group;
    return {
      delivered: (delivery) => group.delivered(delivery),
      deliveredAndSent: (delivery: Delivery) => {
        this.#options.onClosedToOthers();
        return group.deliveredAndSent(delivery);
      },
      failed: (errors) => this.#fail(errors),
      completed: () => {
        this.#end();
        group.completed();
      },
      overrun: () => {
        this.#end();
        group.overrun();
      },
    };
  }

  #fail(errors: readonly GraphQLFormattedError[]): void {
    this.#end();
    this.#group.failed(errors);
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.onClosedToOthers();
    this.#stream?.close();
  }
}
