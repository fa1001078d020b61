import type { Clock } from '@numberyard/kit/clock/clock';
import type { Logger } from '@numberyard/kit/logging/logger';
import type { Store } from '@numberyard/kit/storage/port';
import type { FollowerPositions } from '@numberyard/kit/workers/follower-positions';
import { Leases } from '@numberyard/kit/workers/leases';
import { createPruner } from '@numberyard/kit/workers/pruner';

export interface PrunerOptions {
  readonly store: Store;
  /** How far the store's log has been followed. */
  readonly positions: FollowerPositions;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Days that passing events are kept. */
  readonly keepDays: number;
}

/** Remove what nobody needs any more from a store: never what one of the log's declared followers has not told that it has applied. */
export function startPruner({ store, positions, clock, logger, keepDays }: PrunerOptions): { drain(): Promise<void> } {
  const leases = new Leases({ store, clock, logger });
  const pruner = createPruner({ store, leases, clock, logger, keepDays, slowest: () => positions.slowest() });
  pruner.start();
  return {
    async drain() {
      await pruner.drain();
      await leases.stop();
    },
  };
}
