/** Wires the audit subgraph together. */
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { Clock } from '@numberyard/kit/clock/clock';
import { assembleSubgraph } from '@numberyard/kit/graph/assemble-subgraph';
import type { Subgraph } from '@numberyard/kit/graph/subgraph';
import { Hierarchy } from '@numberyard/kit/hierarchy/hierarchy';
import type { FollowedLog } from '@numberyard/kit/log/event';
import type { Logger } from '@numberyard/kit/logging/logger';
import type { Store } from '@numberyard/kit/storage/port';
import { Leases } from '@numberyard/kit/workers/leases';
import { guardSchema } from '@numberyard/schema/guard';
import type { NumberInventoryInternal } from '@numberyard/schema/internal';
import { readSubgraphSdl } from '@numberyard/schema/sdl';
import { parse } from 'graphql';
import { createContext } from './resolvers/context.js';
import { resolvers } from './resolvers/resolvers.js';
import { hierarchyFollower } from './workers/hierarchy-follower.js';

export { collections } from './models/collections.js';

export interface AuditDeps {
  /** Opened with this package's {@link collections}; closed when the subgraph is drained. */
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The owner of the hierarchy. */
  readonly numberInventory: { readonly log: FollowedLog; readonly internal: Pick<NumberInventoryInternal, 'nodes'> };
}

export function createAudit(deps: AuditDeps): Subgraph {
  const { store, clock, logger, numberInventory } = deps;
  const leases = new Leases({ store, clock, logger });
  const follower = hierarchyFollower({ store, leases, clock, logger, numberInventory });
  const hierarchy = new Hierarchy(store, follower);
  return assembleSubgraph({
    name: 'audit',
    schema: guardSchema(buildSubgraphSchema([{ typeDefs: parse(readSubgraphSdl('audit')), resolvers }])),
    store,
    leases,
    workers: { 'the follower of number-inventory': follower },
    context: (request) => createContext({ store, hierarchy }, request),
  });
}
