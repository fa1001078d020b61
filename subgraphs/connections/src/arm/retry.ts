/** Tries again what may succeed a little later. */
import type { Clock } from '@numberyard/kit/clock/clock';
import { RoutingManagerError } from './routing-manager-error.js';

export interface RetryOptions {
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** How often a call is made at most. */
  readonly tries: number;
}

const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;

/**
 * Waits half a second and more, doubled each time, less up to a half at random; longer where the routing manager asks for it.
 * @throws what the last try failed with, or the signal's reason when it was aborted
 */
export async function withRetries<Result>(
  attempt: () => Promise<Result>,
  { clock, random, tries }: RetryOptions,
  signal: AbortSignal | undefined,
): Promise<Result> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof RoutingManagerError) || !error.transient || tried >= tries) throw error;
      const doubled = Math.min(FIRST_WAIT * 2 ** (tried - 1), LONGEST_WAIT);
      await clock.sleep(Math.max(doubled * (1 - random() / 2), error.retryAfterMs ?? 0), signal);
      signal?.throwIfAborted();
    }
  }
}
