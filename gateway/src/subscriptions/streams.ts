/** Puts each subscription on the stream it shares with others like it, by way of a catch-up when it comes with a cursor. */
import type { RequestContext } from '@numberyard/kit/graph/subgraph';
import { scopeOf } from '@numberyard/kit/identity/identity';
import { canonicalJson } from './canonical-json.js';
import { CatchUp } from './catch-up.js';
import type { SubscriptionPlan, Variables } from './plan.js';
import { cursorAsked } from './resumable.js';
import type { PacedReceiver } from './resumed-stream.js';
import { SharedStream } from './shared-stream.js';
import type { Upstream, UpstreamOpener } from './upstream.js';

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
  /** Those that have not delivered yet, by stream and cursor. */
  readonly #catchUps = new Map<string, CatchUp>();

  /** @param buffer live events held for a stream that catches up */
  constructor(opener: UpstreamOpener, buffer: number) {
    this.#opener = opener;
    this.#buffer = buffer;
  }

  /** @returns the function that ends it for this receiver, which then hears no more */
  start(request: StreamRequest): () => void {
    const { plan, variables, receiver } = request;
    const key = keyOf(request);
    const cursor = cursorAsked(plan.resumable.after, variables);
    // Whoever was cut off and comes straight back, with the newest event of a stream that others kept open, has missed nothing.
    const missedNothing = cursor === undefined || this.#shared.get(key)?.last?.cursor === cursor;
    const stream = missedNothing ? this.#sharedFor(key, request) : this.#catchUpFor(key, cursor, request);
    stream.join(receiver);
    return () => stream.leave(receiver);
  }

  #catchUpFor(key: string, cursor: string, request: StreamRequest): CatchUp {
    const id = canonicalJson([key, cursor]);
    const known = this.#catchUps.get(id);
    if (known) return known;
    const catchUp: CatchUp = new CatchUp({
      open: () => this.#open(request, true),
      shared: () => this.#sharedFor(key, request),
      buffer: this.#buffer,
      onClosedToOthers: () => {
        if (this.#catchUps.get(id) === catchUp) this.#catchUps.delete(id);
      },
    });
    this.#catchUps.set(id, catchUp);
    return catchUp;
  }

  /** The caller has to join it at once: it opens for somebody, and ends with the last one. */
  #sharedFor(key: string, request: StreamRequest): SharedStream {
    const known = this.#shared.get(key);
    if (known) return known;
    const stream: SharedStream = new SharedStream(
      () => this.#open(request, false),
      () => {
        if (this.#shared.get(key) === stream) this.#shared.delete(key);
      },
    );
    this.#shared.set(key, stream);
    return stream;
  }

  #open({ plan, variables, context }: StreamRequest, resume: boolean): Promise<Upstream> {
    return this.#opener.open({ plan, variables, resume, context });
  }
}

/** Equal for streams that bring the same: the operation, its variables but `after`, and what the caller may see. */
function keyOf({ plan, variables, context }: StreamRequest): string {
  const values = plan.distinguishing.map((name) => [name, variables[name]]);
  return canonicalJson([plan.operationName, plan.text, values, scopeOf(context.identity)]);
}
