/** Wires the audit subgraph together. */
import type { Clock } from '@numberyard/kit/clock/clock';
import { forgetImports } from '@numberyard/kit/files/forget-imports';
import { assembleSubgraph } from '@numberyard/kit/graph/assemble-subgraph';
import type { Subgraph } from '@numberyard/kit/graph/subgraph';
import { Hierarchy } from '@numberyard/kit/hierarchy/hierarchy';
import type { FollowedLog } from '@numberyard/kit/log/event';
import type { Logger } from '@numberyard/kit/logging/logger';
import type { Store } from '@numberyard/kit/storage/port';
import { Leases } from '@numberyard/kit/workers/leases';
import type { ConnectionsInternal, NumberInventoryInternal } from '@numberyard/schema/internal';
import type { CommandContext } from './commands/context.js';
import { createContext } from './resolvers/context.js';
import { createSchema } from './resolvers/schema.js';
import { createRoutes } from './routes/routes.js';
import { auditRunner } from './workers/audit-runner.js';
import { hierarchyFollower } from './workers/hierarchy-follower.js';
import { scheduleLoop } from './workers/schedules.js';

export { collections } from './models/collections.js';

export interface AuditDeps {
  /** Opened with this package's {@link collections}; closed when the subgraph is drained. */
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The owner of the hierarchy and of the numbers. */
  readonly numberInventory: { readonly log: FollowedLog; readonly internal: NumberInventoryInternal };
  /** The owner of the registered users. */
  readonly connections: { readonly internal: ConnectionsInternal };
}

export function createAudit(deps: AuditDeps): Subgraph {
  const { store, clock, logger, numberInventory, connections } = deps;
  const leases = new Leases({ store, clock, logger });
  const follower = hierarchyFollower({ store, leases, clock, logger, numberInventory });
  const commands: CommandContext = {
    store,
    clock,
    logger,
    hierarchy: new Hierarchy(store, follower),
    numberInventory: numberInventory.internal,
    connections: connections.internal,
    bells: { runQueued: () => runner.ring(), scheduleChanged: () => schedules.ring() },
  };
  const parts = { leases, clock, logger };
  const runner = auditRunner(commands, parts);
  const schedules = scheduleLoop(commands, parts);
  return assembleSubgraph({
    name: 'audit',
    schema: createSchema(),
    store,
    leases,
    workers: {
      'the follower of number-inventory': follower,
      'the audit runner': runner,
      'the schedules': schedules,
      'the end of old imports': forgetImports({ store, ...parts }),
    },
    routes: createRoutes(commands),
    context: (request) => createContext(request, commands),
  });
}
