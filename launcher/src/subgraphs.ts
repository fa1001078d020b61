/** How each subgraph is made: in one place, for the single process and for a process of its own. */
import { collections as auditCollections, createAudit } from '@numberyard/audit/main';
import { connectionsInternal } from '@numberyard/connections/internal';
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
import { numberInventoryInternal } from '@numberyard/number-inventory/internal';
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

export interface SubgraphParts {
  /** Opened with the collections of the subgraph; closed when it is drained. */
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: Settings<typeof settingsTable>;
  /** Those that it follows. */
  readonly owners: Owners;
}

export interface SubgraphRecipe {
  readonly collections: readonly Collection<Doc>[];
  /** Whose logs it follows. */
  readonly follows: readonly (keyof Owners)[];
  /** Where it listens when it is a process of its own, unless told otherwise. */
  readonly port: number;
  /** Nothing runs until it is started. */
  create(parts: SubgraphParts): Promise<Subgraph>;
  /** What the others may ask of it over the network. */
  internal(parts: Pick<SubgraphParts, 'store' | 'clock'>): ReadonlyMap<string, InternalFunction>;
}

export const SUBGRAPHS = {
  connections: {
    collections: connectionsCollections,
    follows: ['number-inventory'],
    port: 4001,
    async create({ store, clock, logger, settings, owners }) {
      const { allowLoopback, allowPlainHttp, certificateAuthorities, allowedNetworks, port } = settings;
      return createConnections({
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
    },
    internal: ({ store }) => bindEndpoints(connectionsEndpoints, connectionsInternal(store)),
  },
  'number-inventory': {
    collections: numberInventoryCollections,
    follows: ['connections'],
    port: 4002,
    create: async ({ store, clock, logger, owners }) =>
      createNumberInventory({ store, clock, logger, connections: owners.connections }),
    internal: (parts) => bindEndpoints(numberInventoryEndpoints, numberInventoryInternal(parts)),
  },
  provisioning: {
    collections: provisioningCollections,
    follows: ['number-inventory'],
    port: 4003,
    create: async ({ store, clock, logger, owners }) =>
      createProvisioning({ store, clock, logger, numberInventory: owners['number-inventory'] }),
    internal: () => new Map(),
  },
  audit: {
    collections: auditCollections,
    follows: ['number-inventory'],
    port: 4004,
    create: async ({ store, clock, logger, owners }) =>
      createAudit({
        store,
        clock,
        logger,
        numberInventory: owners['number-inventory'],
        connections: { internal: owners.connections.internal },
      }),
    internal: () => new Map(),
  },
} as const satisfies Record<SubgraphName, SubgraphRecipe>;

/** Who follows a subgraph's log. */
export function followersOf(name: SubgraphName): readonly SubgraphName[] {
  return subgraphNames.filter((other) => SUBGRAPHS[other].follows.some((owner) => owner === name));
}

/** The functions of the owners in the same process. */
export function localInternals(stores: { readonly [Name in keyof Owners]: Store }, clock: Clock) {
  return {
    connections: connectionsInternal(stores.connections),
    'number-inventory': numberInventoryInternal({ store: stores['number-inventory'], clock }),
  };
}

/** The functions of the owners in other processes. */
export function remoteInternals(clients: { readonly [Name in keyof Owners]: ServiceClient }) {
  return {
    connections: internalClient(clients.connections, connectionsEndpoints),
    'number-inventory': internalClient(clients['number-inventory'], numberInventoryEndpoints),
  };
}
