import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from './clock.js';

/** Longest delay a Node timer takes; a longer sleep is made of several. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The process's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    const end = performance.now() + ms;
    for (let left = ms; left > 0 && !signal?.aborted; left = end - performance.now()) {
      await delay(Math.min(left, LONGEST_TIMER), undefined, signal ? { signal } : {}).catch(() => undefined);
    }
  },
};
