/** Follows the connections' log: what it tells of registered users becomes uses of numbers, and the end of a run's changes is answered. */
import { Follower } from '@numberyard/kit/workers/follower';
import type { Logger } from '@numberyard/kit/logging/logger';
import type { FollowedLog } from '@numberyard/kit/log/event';
import type { Leases } from '@numberyard/kit/workers/leases';
import type { ConnectionsInternal } from '@numberyard/schema/internal';
import { CorrectionQueue } from '../commands/apply-corrections.js';
import { applyConnectionsEvents, FOLLOWED_TYPES } from '../commands/apply-registered-users.js';
import { rebuildAllUses } from '../commands/rebuild-uses.js';
import { takeOwedUses } from '../commands/take-owed-uses.js';
import type { Deps } from '../commands/context.js';

/** Name the follower's cursor is kept under. */
export const CONNECTIONS = 'connections';

/** One event holds some hundred changes: with a second one requests would wait longer, and the sync be no faster. */
const EVENTS_PER_COMMIT = 1;

export function followConnections(
  deps: Deps & { readonly leases: Leases; readonly logger: Logger },
  connections: { readonly log: FollowedLog; readonly internal: ConnectionsInternal },
): Follower {
  const { store, leases, clock, logger } = deps;
  const corrections = new CorrectionQueue({
    ...deps,
    connections,
    reached: (position) => follower.reach(0, position),
  });
  const follower: Follower = new Follower({
    source: CONNECTIONS,
    log: connections.log,
    types: FOLLOWED_TYPES,
    retentions: ['passing'],
    batch: EVENTS_PER_COMMIT,
    store,
    leases,
    clock,
    logger,
    apply: (events) => applyConnectionsEvents(deps, events),
    async between(step) {
      await takeOwedUses(deps, connections.internal, step);
      await corrections.step(step);
    },
    rebuild: (step) => rebuildAllUses(deps, connections.internal, step),
  });
  return follower;
}
