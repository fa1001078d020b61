import type { Clock } from '@numberyard/kit/clock/clock';
import type { Logger } from '@numberyard/kit/logging/logger';
import type { Store } from '@numberyard/kit/storage/port';
import { cursors } from '@numberyard/kit/workers/collections';
import { Leases } from '@numberyard/kit/workers/leases';
import { createPruner } from '@numberyard/kit/workers/pruner';

/** One pruner per store; the slowest follower of a log is looked up in the followers' own stores, where their cursors are. */
export function startPruners(options: { stores: readonly Store[]; clock: Clock; logger: Logger; keepDays: number }): {
  drain(): Promise<void>;
} {
  const { stores, clock, logger, keepDays } = options;
  const started = stores.map((store) => {
    const leases = new Leases({ store, clock, logger });
    const slowest = async () => {
      const followers = await Promise.all(
        stores.filter((other) => other !== store).map((other) => other.get(cursors, store.name)),
      );
      const positions = followers.flatMap((cursor) => (cursor ? [cursor.position] : []));
      return Math.min((await store.log.state()).head, ...positions);
    };
    const pruner = createPruner({ store, leases, clock, logger, keepDays, slowest });
    pruner.start();
    return { pruner, leases };
  });
  return {
    async drain() {
      await Promise.all(started.map(({ pruner }) => pruner.drain()));
      await Promise.all(started.map(({ leases }) => leases.stop()));
    },
  };
}
