/** Puts each subscription on the stream it shares with others like it, by way of a catch-up when it comes with a cursor. */
import type { RequestContext } from '@numberyard/kit/graph/subgraph';
import { scopeOf } from '@numberyard/kit/identity/identity';
import { canonicalJson } from './canonical-json.js';
import type { SubscriptionPlan, Variables } from './plan.js';
import { cursorAsked } from './resumable.js';
import { ResumedStream } from './resumed-stream.js';
import type { PacedReceiver } from './resumed-stream.js';
import { SharedStream } from './shared-stream.js';
import { StreamFailure } from './upstream.js';
import type { UpstreamOpener } from './upstream.js';

export interface StreamRequest {
  readonly plan: SubscriptionPlan;
  readonly variables: Variables;
  readonly context: RequestContext;
  readonly receiver: PacedReceiver;
}

export class Streams {
  readonly #opener: UpstreamOpener;
  readonly #buffer: number;
  readonly #shared = new Map<string, SharedStream>();

  /** @param buffer live events held for a stream that catches up */
  constructor(opener: UpstreamOpener, buffer: number) {
    this.#opener = opener;
    this.#buffer = buffer;
  }

  /** Upstreams shared at the moment. */
  get size(): number {
    return this.#shared.size;
  }

  /** @returns the function that ends it for this receiver, which then hears no more */
  start(request: StreamRequest): () => void {
    const { plan, variables, receiver } = request;
    const cursor = cursorAsked(plan.resumable.after, variables);
    if (cursor === undefined) return this.#follow(request);
    // Whoever was cut off and comes straight back, with the newest event of a stream that others kept open, has missed nothing.
    if (this.#shared.get(keyOf(request))?.last?.cursor === cursor) return this.#follow(request);

    let end: (() => void) | undefined;
    let ended = false;
    this.#opener.open({ plan, variables, resume: true, context: request.context }).then(
      (own) => {
        if (ended) return own.close();
        const stream = new ResumedStream({ own, shared: this.#sharedFor(request), receiver, buffer: this.#buffer });
        end = () => stream.close();
      },
      (error: unknown) => {
        if (!ended)
          receiver.failed(error instanceof StreamFailure ? error.errors : [{ message: 'The stream failed.' }]);
      },
    );
    return () => {
      ended = true;
      end?.();
    };
  }

  #follow(request: StreamRequest): () => void {
    const shared = this.#sharedFor(request);
    shared.join(request.receiver);
    return () => shared.leave(request.receiver);
  }

  /** The caller has to join it at once: it opens for somebody, and ends with the last one. */
  #sharedFor(request: StreamRequest): SharedStream {
    const { plan, variables, context } = request;
    const key = keyOf(request);
    const known = this.#shared.get(key);
    if (known) return known;
    const stream: SharedStream = new SharedStream(
      () => this.#opener.open({ plan, variables, resume: false, context }),
      () => {
        if (this.#shared.get(key) === stream) this.#shared.delete(key);
      },
    );
    this.#shared.set(key, stream);
    return stream;
  }
}

/** Equal for streams that bring the same: the operation, its variables but `after`, and what the caller may see. */
function keyOf({ plan, variables, context }: StreamRequest): string {
  const values = plan.distinguishing.map((name) => [name, variables[name]]);
  return canonicalJson([plan.operationName, plan.text, values, scopeOf(context.identity)]);
}
