import type { Store } from '@numberyard/kit/storage/port';
import type { ConnectionsInternal } from '@numberyard/schema/internal';
import { lastSyncs } from './commands/last-syncs.js';
import { listNumberUses } from './commands/list-number-uses.js';
import { numberUsesOf } from './commands/number-uses-of.js';

/** What the other subgraphs may ask of this one. */
export function connectionsInternal(store: Store): ConnectionsInternal {
  return {
    numberUses: (customer, after, limit) => listNumberUses(store, customer, after, limit),
    numberUsesOf: (customer, numbers) => numberUsesOf(store, customer, numbers),
    lastSyncs: (customer) => lastSyncs(store, customer),
  };
}
