/** The number inventory: hierarchy, macros, API keys, and the life of every number. */
import type { Clock } from '@numberyard/kit/clock/clock';
import { forgetImports } from '@numberyard/kit/files/forget-imports';
import { assembleSubgraph } from '@numberyard/kit/graph/assemble-subgraph';
import type { Subgraph } from '@numberyard/kit/graph/subgraph';
import type { FollowedLog } from '@numberyard/kit/log/event';
import type { Logger } from '@numberyard/kit/logging/logger';
import type { Store } from '@numberyard/kit/storage/port';
import { Leases } from '@numberyard/kit/workers/leases';
import type { ConnectionsInternal, NumberInventoryInternal } from '@numberyard/schema/internal';
import { bootstrap, type Bootstrapped, type BootstrapOptions } from './commands/bootstrap.js';
import { ClaimsInFlight } from './commands/claims-in-flight.js';
import { numberInventoryInternal } from './internal.js';
import { createContext } from './resolvers/context.js';
import { createSchema } from './resolvers/schema.js';
import { createRoutes } from './routes/routes.js';
import { followConnections } from './workers/follow-connections.js';
import { forgetCorrections } from './workers/forget-corrections.js';
import { ReleaseSweep } from './workers/release-sweep.js';

export { collections } from './models/collections.js';

export interface NumberInventoryDeps {
  /** Opened with {@link collections}; closed by `drain`. */
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly connections: { readonly log: FollowedLog; readonly internal: ConnectionsInternal };
}

export interface NumberInventory extends Subgraph {
  readonly internal: NumberInventoryInternal;
  /** Make what a new installation begins with; safe at every start. */
  bootstrap(options: BootstrapOptions): Promise<Bootstrapped>;
}

export function createNumberInventory({ store, clock, logger, connections }: NumberInventoryDeps): NumberInventory {
  const leases = new Leases({ store, clock, logger });
  const deps = { store, clock, claims: new ClaimsInFlight() };
  const working = { ...deps, leases, logger };
  const follower = followConnections(working, connections);
  const sweep = new ReleaseSweep({ ...working, connections: connections.log, follower });
  const subgraph = assembleSubgraph({
    name: 'number-inventory',
    schema: createSchema(),
    store,
    leases,
    workers: {
      'the follower of connections': follower,
      'the release sweep': sweep,
      'the end of old imports': forgetImports(working),
      'the end of old corrections': forgetCorrections(working),
    },
    routes: createRoutes(deps),
    context: (request) => createContext(deps, request),
  });
  return {
    ...subgraph,
    internal: numberInventoryInternal({ ...deps, connections, follower }),
    bootstrap: (options) => bootstrap(deps, options),
  };
}
