/** Time as an argument: rules and workers never ask the process for it, so a test can move it. */
import type { Instant } from '../storage/port.js';

export interface Clock {
  /** Wall clock, milliseconds since 1970. */
  now(): number;
  /** Milliseconds of a clock that only goes forward; for measuring terms, never compared between processes. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when the signal is aborted; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export function toInstant(ms: number): Instant {
  return new Date(ms).toISOString();
}

export function fromInstant(instant: Instant): number {
  return Date.parse(instant);
}
