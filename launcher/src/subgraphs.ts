/** How each subgraph is made: in one place, for the single process and for a process of its own. */
import { collections as auditCollections, createAudit } from '@numberyard/audit/main';
import { collections as connectionsCollections, createConnections } from '@numberyard/connections/main';
import type { Clock } from '@numberyard/kit/clock/clock';
import type { Settings } from '@numberyard/kit/config/settings';
import { SecretBox } from '@numberyard/kit/crypto/secret-box';
import type { Subgraph } from '@numberyard/kit/graph/subgraph';
import type { FollowedLog } from '@numberyard/kit/log/event';
import type { Logger } from '@numberyard/kit/logging/logger';
import { bindEndpoints, type InternalFunction } from '@numberyard/kit/service/endpoints';
import { internalClient } from '@numberyard/kit/service/internal-client';
import type { ServiceClient } from '@numberyard/kit/service/service-client';
import type { Collection } from '@numberyard/kit/storage/collection';
import type { Doc, Store } from '@numberyard/kit/storage/port';
import { collections as numberInventoryCollections, createNumberInventory } from '@numberyard/number-inventory/main';
import { collections as provisioningCollections, createProvisioning } from '@numberyard/provisioning/main';
import {
  connectionsEndpoints,
  numberInventoryEndpoints,
  type ConnectionsInternal,
  type NumberInventoryInternal,
} from '@numberyard/schema/internal';
import { subgraphNames, type SubgraphName } from '@numberyard/schema/sdl';
import { encryptionKeyOf } from './encryption-key.js';
import type { settingsTable } from './settings.js';

/** What a subgraph that others follow offers them, in the same process or in another. */
export interface Owner<Internal> {
  readonly log: FollowedLog;
  readonly internal: Internal;
}

/** The subgraphs that are followed. */
export interface Owners {
  readonly connections: Owner<ConnectionsInternal>;
  readonly 'number-inventory': Owner<NumberInventoryInternal>;
}

export interface SubgraphParts<Asked extends keyof Owners = keyof Owners> {
  /** Opened with the collections of the subgraph; closed when it is drained. */
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: Settings<typeof settingsTable>;
  /** Those that it follows or asks. */
  readonly owners: Pick<Owners, Asked>;
}

export interface SubgraphRecipe {
  readonly collections: readonly Collection<Doc>[];
  /** Whose logs it follows. */
  readonly follows: readonly (keyof Owners)[];
  /** Where it listens when it is a process of its own, unless told otherwise. */
  readonly port: number;
  /** Nothing runs until it is started. */
  create(parts: SubgraphParts): Promise<ServedSubgraph>;
}

export interface ServedSubgraph extends Subgraph {
  /** What the others may ask of it over the network. */
  readonly endpoints: ReadonlyMap<string, InternalFunction>;
}

export const SUBGRAPHS = {
  connections: {
    collections: connectionsCollections,
    follows: ['number-inventory'],
    port: 4001,
    async create({ store, clock, logger, settings, owners }: SubgraphParts<'number-inventory'>) {
      const { allowLoopback, allowPlainHttp, certificateAuthorities, allowedNetworks, port } = settings;
      const connections = createConnections({
        store,
        clock,
        logger,
        secretBox: new SecretBox(await encryptionKeyOf(settings)),
        numberInventory: owners['number-inventory'],
        outgoing: {
          allowLoopback,
          allowPlainHttp,
          certificateAuthorities,
          ownPorts: [port],
          ...(allowedNetworks && { allowedNetworks }),
        },
      });
      return { ...connections, endpoints: bindEndpoints(connectionsEndpoints, connections.internal) };
    },
  },
  'number-inventory': {
    collections: numberInventoryCollections,
    follows: ['connections'],
    port: 4002,
    async create({ store, clock, logger, owners }: SubgraphParts<'connections'>) {
      const numberInventory = createNumberInventory({ store, clock, logger, connections: owners.connections });
      return { ...numberInventory, endpoints: bindEndpoints(numberInventoryEndpoints, numberInventory.internal) };
    },
  },
  provisioning: {
    collections: provisioningCollections,
    follows: ['number-inventory'],
    port: 4003,
    create: async ({ store, clock, logger, owners }: SubgraphParts<'number-inventory'>) => ({
      ...createProvisioning({ store, clock, logger, numberInventory: owners['number-inventory'] }),
      endpoints: new Map(),
    }),
  },
  audit: {
    collections: auditCollections,
    follows: ['number-inventory'],
    port: 4004,
    create: async ({ store, clock, logger, owners }: SubgraphParts) => ({
      ...createAudit({
        store,
        clock,
        logger,
        numberInventory: owners['number-inventory'],
        connections: { internal: owners.connections.internal },
      }),
      endpoints: new Map(),
    }),
  },
} as const satisfies Record<SubgraphName, SubgraphRecipe>;

/** Who follows a subgraph's log. */
export function followersOf(name: SubgraphName): readonly SubgraphName[] {
  return subgraphNames.filter((other) => SUBGRAPHS[other].follows.some((owner) => owner === name));
}

/** The functions of the owners in other processes. */
export function remoteInternals(clients: { readonly [Name in keyof Owners]: ServiceClient }) {
  return {
    connections: internalClient(clients.connections, connectionsEndpoints),
    'number-inventory': internalClient(clients['number-inventory'], numberInventoryEndpoints),
  };
}
