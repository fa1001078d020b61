/** The connections subgraph: AudioCodes connections, their data syncs and schedules, the mirror of registered users. */
import type { Clock } from '@numberyard/kit/clock/clock';
import type { SecretBox } from '@numberyard/kit/crypto/secret-box';
import { assembleSubgraph } from '@numberyard/kit/graph/assemble-subgraph';
import type { Subgraph } from '@numberyard/kit/graph/subgraph';
import { Hierarchy } from '@numberyard/kit/hierarchy/hierarchy';
import type { FollowedLog } from '@numberyard/kit/log/event';
import type { Logger } from '@numberyard/kit/logging/logger';
import type { Store } from '@numberyard/kit/storage/port';
import { Leases } from '@numberyard/kit/workers/leases';
import type { ConnectionsInternal, NumberInventoryInternal } from '@numberyard/schema/internal';
import type { AddressPolicy } from './arm/address-policy.js';
import { connectRoutingManager, type RoutingManagerClientOptions } from './arm/client.js';
import type { CommandContext } from './commands/context.js';
import { connectionsInternal } from './internal.js';
import { createContext } from './resolvers/context.js';
import { createSchema } from './resolvers/schema.js';
import { numberInventoryFollower } from './workers/number-inventory-follower.js';
import { reminderLoop } from './workers/reminder.js';
import { scheduleLoop } from './workers/schedules.js';
import { syncRunner } from './workers/sync-runner.js';

export { collections } from './models/collections.js';

export interface ConnectionsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly secretBox: SecretBox;
  readonly numberInventory: {
    readonly log: FollowedLog;
    readonly internal: Pick<NumberInventoryInternal, 'nodes' | 'effectiveMacro'>;
  };
  /** Where calls to Routing Managers may go, and how. */
  readonly outgoing: AddressPolicy & Omit<RoutingManagerClientOptions, 'clock' | 'policy'>;
}

export interface Connections extends Subgraph {
  readonly internal: ConnectionsInternal;
}

/** Put the subgraph together. Nothing runs until `start`. */
export function createConnections(parts: ConnectionsParts): Connections {
  const { store, clock, secretBox, outgoing } = parts;
  const logger = parts.logger.child({ subgraph: 'connections' });
  const { allowLoopback, allowedNetworks, ownPorts, ownAddresses, ...client } = outgoing;
  const policy: AddressPolicy = {
    ...(allowLoopback === undefined ? {} : { allowLoopback }),
    ...(allowedNetworks === undefined ? {} : { allowedNetworks }),
    ...(ownPorts === undefined ? {} : { ownPorts }),
    ...(ownAddresses === undefined ? {} : { ownAddresses }),
  };
  const workers = { store, clock, logger, leases: new Leases({ store, clock, logger }) };
  const follower = numberInventoryFollower({ ...workers, numberInventory: parts.numberInventory });
  const commands: CommandContext = {
    store,
    clock,
    logger,
    secretBox,
    hierarchy: new Hierarchy(store, follower),
    effectiveMacro: (node, name) => parts.numberInventory.internal.effectiveMacro(node, name),
    dial: (target) => connectRoutingManager(target, { ...client, clock, policy }),
    bells: { runQueued: () => runner.ring(), scheduleChanged: () => schedules.ring() },
  };
  const runner = syncRunner(commands, workers);
  const schedules = scheduleLoop(commands, workers);
  const subgraph = assembleSubgraph({
    name: 'connections',
    schema: createSchema(),
    store,
    leases: workers.leases,
    workers: {
      'the follower of number-inventory': follower,
      'the sync runner': runner,
      'the schedule loop': schedules,
      'the reminder of number-inventory': reminderLoop(commands, workers),
    },
    context: (request) => createContext(request, commands),
  });
  return { ...subgraph, internal: connectionsInternal(store) };
}
