import { decide } from '@numberyard/kit/commands/decide';
import { NODE_EVENTS } from '@numberyard/kit/hierarchy/hierarchy';
import type { EventLog } from '@numberyard/kit/log/event';
import type { Commit, Store } from '@numberyard/kit/storage/port';
import { Follower } from '@numberyard/kit/workers/follower';
import { stopWhenLost } from '@numberyard/kit/workers/leases';
import type { NumberInventoryInternal } from '@numberyard/schema/internal';
import { applyAnswers, startOver } from '../commands/apply-answers.js';
import type { WorkerParts } from './parts.js';

export interface FollowerParts extends WorkerParts {
  readonly store: Store;
  readonly numberInventory: { readonly log: EventLog; readonly internal: Pick<NumberInventoryInternal, 'nodes'> };
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
    rebuild: ({ lease }) =>
      startOver(parts, numberInventory.internal, (store, make) =>
        decide(
          store,
          async () => ({ value: undefined, commit: fenced(await make(), lease.fence) }),
          stopWhenLost(lease),
        ),
      ),
  });
}

function fenced(commit: Commit, fence: NonNullable<Commit['expect']>[number]): Commit {
  return { ...commit, expect: [fence, ...(commit.expect ?? [])] };
}
