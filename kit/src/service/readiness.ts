/** Whether a service should be sent traffic. Anybody may probe, so probes at the same time are one look. */
import type { Logger } from '../logging/logger.js';

/** Milliseconds; a probe that hears nothing for longer gives up by itself. */
const PATIENCE = 3_000;

export class Readiness {
  readonly #look: () => Promise<void>;
  readonly #logger: Logger;
  #told: string | undefined;
  #looking: Promise<string | undefined> | undefined;

  /** @param look resolves when traffic should come; throws an Error whose message says why not */
  constructor(look: () => Promise<void>, logger: Logger) {
    this.#look = look;
    this.#logger = logger;
  }

  /** Why it is not ready; undefined when it is. Changes go to the log. */
  problem(): Promise<string | undefined> {
    this.#looking ??= this.#find().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #find(): Promise<string | undefined> {
    const reason = await this.#reason();
    if (reason !== this.#told) {
      this.#told = reason;
      if (reason === undefined) this.#logger.info({}, 'ready');
      else this.#logger.warn({ reason }, 'not ready');
    }
    return reason;
  }

  async #reason(): Promise<string | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const expiry = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE} ms`)), PATIENCE);
    });
    try {
      await Promise.race([this.#look(), expiry]);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      clearTimeout(timer);
    }
  }
}
