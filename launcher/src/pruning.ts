import type { Clock } from '@numberyard/kit/clock/clock';
import type { Logger } from '@numberyard/kit/logging/logger';
import type { Store } from '@numberyard/kit/storage/port';
import { cursors } from '@numberyard/kit/workers/collections';
import { Leases } from '@numberyard/kit/workers/leases';
import { createPruner } from '@numberyard/kit/workers/pruner';

/** Whose log is followed by whom, by names of stores. */
export const FOLLOWERS: Readonly<Record<string, readonly string[]>> = {
  'number-inventory': ['connections', 'provisioning', 'audit'],
  connections: ['number-inventory'],
};

/**
 * One pruner per store. How far a log has been followed is looked up in the followers' own stores, where their cursors are; one that has no cursor yet has
 * read nothing, so nothing goes before it has begun.
 */
export function startPruners(options: { stores: readonly Store[]; clock: Clock; logger: Logger; keepDays: number }): {
  drain(): Promise<void>;
} {
  const { stores, clock, logger, keepDays } = options;
  const started = stores.map((store) => {
    const leases = new Leases({ store, clock, logger });
    const followers = stores.filter((other) => FOLLOWERS[store.name]?.includes(other.name));
    const slowest = async () => {
      const known = await Promise.all(followers.map((follower) => follower.get(cursors, store.name)));
      return Math.min((await store.log.state()).head, ...known.map((cursor) => cursor?.position ?? 0));
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
