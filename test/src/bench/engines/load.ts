/** Loads of a fixed time, and what is made of what they measure. */
import { performance } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';

/**
 * Units done per second by so many workers, each beginning its next task as soon as its last is done.
 * @param task of the worker's number; resolves to the units it did
 */
export async function ratePerSecond(
  seconds: number,
  workers: number,
  task: (worker: number) => Promise<number>,
): Promise<number> {
  const begun = performance.now();
  const end = begun + seconds * 1_000;
  let units = 0;
  await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      while (performance.now() < end) {
        const done = await task(worker);
        units += done;
        // What never leaves this thread would keep the event loop from turning, which no service can afford.
        await turn();
      }
    }),
  );
  return units / ((performance.now() - begun) / 1_000);
}

/** @param share 0.5: the median */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export const median = (values: readonly number[]) => quantile(values, 0.5);

/** @throws Error that says what was waited for */
export async function within<T>(milliseconds: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${milliseconds} ms in vain for ${what}`)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
