/**
 * Bodies of requests that have not shown yet who sends them, which takes the whole body: all of them together are bounded, so that nobody without the
 * secret can fill the memory. The oldest is cut first; honest ones are here for a moment only.
 */
import type { IncomingMessage } from 'node:http';
import type { Logger } from '../logging/logger.js';
import { readBody } from './message.js';

export interface UnprovenBodiesOptions {
  /** Bytes of one. */
  readonly each: number;
  /** Bytes of all that are being read. */
  readonly together: number;
  readonly logger: Logger;
}

export class UnprovenBodies {
  readonly #options: UnprovenBodiesOptions;
  /** Bytes that have come of each, oldest first. */
  readonly #reading = new Map<IncomingMessage, number>();
  #held = 0;

  constructor(options: UnprovenBodiesOptions) {
    this.#options = options;
  }

  /** @throws Refused 413 too large, 400 cut */
  async read(request: IncomingMessage): Promise<Buffer> {
    this.#reading.set(request, 0);
    request.on('data', (chunk: Buffer) => this.#came(request, chunk.length));
    try {
      return await readBody(request, this.#options.each);
    } finally {
      this.#forget(request);
    }
  }

  #came(request: IncomingMessage, size: number): void {
    const before = this.#reading.get(request);
    if (before === undefined) return;
    this.#reading.set(request, before + size);
    this.#held += size;
    for (const oldest of this.#reading.keys()) {
      if (this.#held <= this.#options.together) return;
      this.#forget(oldest);
      oldest.destroy();
      this.#options.logger.warn({}, 'too much is sent by callers that have not shown who they are; the oldest is cut');
    }
  }

  #forget(request: IncomingMessage): void {
    this.#held -= this.#reading.get(request) ?? 0;
    this.#reading.delete(request);
  }
}
