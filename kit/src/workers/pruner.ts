import { toInstant, type Clock } from '../clock/clock.js';
import type { Logger } from '../logging/logger.js';
import type { Store } from '../storage/port.js';
import type { Leases } from './leases.js';
import { Loop } from './loop.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const ROWS_PER_STEP = 2_000;

/**
 * A loop that removes passing events after their time, and forgotten requests.
 * @param options.slowest position of the slowest follower: what it has not read stays, however old
 */
export function createPruner(options: {
  store: Store;
  leases: Leases;
  clock: Clock;
  logger: Logger;
  keepDays: number;
  slowest: () => Promise<number>;
}): Loop {
  const { store, leases, clock, logger, keepDays, slowest } = options;
  return new Loop({
    name: 'prune',
    leases,
    clock,
    logger,
    everyMs: HOUR_MS,
    async step() {
      const before = toInstant(clock.now() - keepDays * DAY_MS);
      const gone = await store.prune({ before, upTo: await slowest(), limit: ROWS_PER_STEP });
      if (gone > 0) logger.info({ store: store.name, rows: gone }, 'old events pruned');
      return gone >= ROWS_PER_STEP ? 0 : undefined;
    },
  });
}
