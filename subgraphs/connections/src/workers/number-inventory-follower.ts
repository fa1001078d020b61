import { NODE_EVENTS } from '@numberyard/kit/hierarchy/hierarchy';
import { rebuildMirror } from '@numberyard/kit/hierarchy/mirror';
import type { FollowedLog } from '@numberyard/kit/log/event';
import type { Store } from '@numberyard/kit/storage/port';
import { Follower } from '@numberyard/kit/workers/follower';
import type { NumberInventoryInternal } from '@numberyard/schema/internal';
import { applyAnswers } from '../commands/apply-answers.js';
import { remindApplying } from '../commands/remind-applying.js';
import type { WorkerParts } from './parts.js';

export interface FollowerParts extends WorkerParts {
  readonly store: Store;
  readonly numberInventory: { readonly log: FollowedLog; readonly internal: Pick<NumberInventoryInternal, 'nodes'> };
}

/** Follows number-inventory's log: hierarchy nodes, and the answers that close runs. */
export function numberInventoryFollower({ numberInventory, ...parts }: FollowerParts): Follower {
  return new Follower({
    ...parts,
    source: 'number-inventory',
    log: numberInventory.log,
    // An answer may bring an issue for each user of a batch.
    batch: 20,
    types: [...NODE_EVENTS, 'SyncBatchApplied', 'SyncRunApplied'],
    apply: (events) => applyAnswers(parts, events),
    async rebuild(step) {
      await rebuildMirror(parts.store, (after, limit) => numberInventory.internal.nodes(after, limit), step);
      // The answer to a run that waits may have been in what is gone, so number-inventory is asked again.
      await remindApplying(parts, step.lease);
    },
  });
}
