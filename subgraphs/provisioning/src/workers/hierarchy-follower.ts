import type { Clock } from '@numberyard/kit/clock/clock';
import { followHierarchy } from '@numberyard/kit/hierarchy/mirror';
import type { FollowedLog } from '@numberyard/kit/log/event';
import type { Logger } from '@numberyard/kit/logging/logger';
import type { Store } from '@numberyard/kit/storage/port';
import type { Follower } from '@numberyard/kit/workers/follower';
import type { Leases } from '@numberyard/kit/workers/leases';
import type { NumberInventoryInternal } from '@numberyard/schema/internal';

/** Mirrors the hierarchy out of number-inventory's log, so that visibility is judged without asking it. */
export function hierarchyFollower(deps: {
  readonly store: Store;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly numberInventory: { readonly log: FollowedLog; readonly internal: Pick<NumberInventoryInternal, 'nodes'> };
}): Follower {
  const { store, leases, clock, logger, numberInventory } = deps;
  return followHierarchy({
    source: 'number-inventory',
    log: numberInventory.log,
    store,
    leases,
    clock,
    logger,
    listNodes: (after, limit) => numberInventory.internal.nodes(after, limit),
  });
}
