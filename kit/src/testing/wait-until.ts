import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds; on MongoDB a test may wait for a server and a dozen processes that share two cores. */
const DEADLINE = process.env['TEST_MONGODB_URI'] === undefined ? 20_000 : 90_000;

/** Between two looks, milliseconds. */
const SHORTEST_PAUSE = 5;
const LONGEST_PAUSE = 200;

/**
 * Wait for a condition, polling every few milliseconds, or less often when a look takes long. The deadline is generous because machines are busy: it ends a test that would hang, it measures nothing.
 * @returns the first truthy value of `condition`
 * @throws Error that names what was waited for when the deadline passes
 */
export async function waitUntil<T>(
  what: string,
  condition: () => T | Promise<T>,
  deadlineMs = DEADLINE,
): Promise<NonNullable<T>> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const asked = performance.now();
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${deadlineMs} ms in vain for: ${what}`);
    // What is hard to answer is asked seldom: else those who wait keep the server from what they wait for.
    await delay(Math.min(LONGEST_PAUSE, Math.max(SHORTEST_PAUSE, 4 * (performance.now() - asked))));
  }
}
