import type { Store } from '@numberyard/kit/storage/port';
import type { ConnectionsInternal } from '@numberyard/schema/internal';
import { listNumberUses } from './commands/list-number-uses.js';

/** What the other subgraphs may ask of this one. */
export function connectionsInternal(store: Store): ConnectionsInternal {
  return { numberUses: (after, limit) => listNumberUses(store, after, limit) };
}
