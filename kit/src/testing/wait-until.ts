import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds; on MongoDB a test may wait for a server and a dozen processes that share two cores. */
const DEADLINE = process.env['TEST_MONGODB_URI'] === undefined ? 20_000 : 90_000;

/**
 * Wait for a condition, polling every few milliseconds. The deadline is generous because machines are busy: it ends a test that would hang, it measures nothing.
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
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${deadlineMs} ms in vain for: ${what}`);
    await delay(5);
  }
}
