/** The single process: four subgraphs behind one gateway. The only place that wires them together. */
import { mkdir } from 'node:fs/promises';
import { connectionsInternal } from '@numberyard/connections/internal';
import { startGateway } from '@numberyard/gateway/gateway';
import type { Clock } from '@numberyard/kit/clock/clock';
import type { Settings } from '@numberyard/kit/config/settings';
import type { Subgraph } from '@numberyard/kit/graph/subgraph';
import type { Logger } from '@numberyard/kit/logging/logger';
import type { Store } from '@numberyard/kit/storage/port';
import { FollowerPositions } from '@numberyard/kit/workers/follower-positions';
import { readOperation } from '@numberyard/schema/operations';
import { passedRoutes } from '@numberyard/schema/routes';
import { readSupergraph, subgraphNames, type SubgraphName } from '@numberyard/schema/sdl';
import { startPruner } from './pruning.js';
import type { settingsTable } from './settings.js';
import type { Steward } from './steward.js';
import { awaitStore, closeStores, openStores } from './stores.js';
import { followersOf, SUBGRAPHS, type Owners } from './subgraphs.js';

const EXPLORER_QUERY = `# Put your key into the headers below, behind "Bearer".
${readOperation('Numbers')}
`;

export interface NumberyardOptions {
  readonly settings: Settings<typeof settingsTable>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A caller that this process itself is, e.g. to fill the demo. */
  readonly steward?: Steward | undefined;
  /** Called when everything is served and no worker runs yet: what has to be there before overdue work is taken up. */
  readonly beforeWork?: (numberyard: Numberyard) => Promise<void>;
}

export interface Numberyard {
  /** Base address, e.g. `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Id of the provider node. */
  readonly provider: string;
  /** The administrator key in clear, when this start made it; it is kept nowhere. */
  readonly adminKey: string | undefined;
  /** The subgraphs' stores, for tests and benches; everybody else asks through the gateway. */
  readonly stores: readonly Store[];
  /** Resolves when all work under way is done and the stores are closed. */
  drain(): Promise<void>;
}

type Positions = Readonly<Record<SubgraphName, FollowerPositions>>;

/** Open, wire and start everything. @throws StoreError LOCKED when another process uses the data folder */
export async function startNumberyard({
  settings,
  clock,
  logger,
  steward,
  beforeWork,
}: NumberyardOptions): Promise<Numberyard> {
  if (settings.mongodbUri === undefined) await mkdir(settings.data, { recursive: true, mode: 0o700 });
  const shared = { clock, logger, settings };
  const stores = await openStores(settings, shared, (name) => awaitStore(name, settings, shared));
  try {
    const positions = (name: SubgraphName) =>
      new FollowerPositions({ store: stores[name], followers: followersOf(name), clock, logger });
    const followed = Object.fromEntries(subgraphNames.map((name) => [name, positions(name)])) as Positions;
    const logOf = (name: SubgraphName) => followed[name].log;
    const users = { log: logOf('connections'), internal: connectionsInternal(stores.connections) };
    const numbers = { ...shared, store: stores['number-inventory'], owners: { connections: users } };
    // The first, because the others ask it: corrections of numbers are made by its own follower.
    const numberInventory = await SUBGRAPHS['number-inventory'].create(numbers);
    const owners: Owners = {
      connections: users,
      'number-inventory': { log: logOf('number-inventory'), internal: numberInventory.internal },
    };
    const parts = (name: SubgraphName) => ({ ...shared, owners, store: stores[name] });
    const connections = await SUBGRAPHS.connections.create(parts('connections'));
    const provisioning = await SUBGRAPHS.provisioning.create(parts('provisioning'));
    const audit = await SUBGRAPHS.audit.create(parts('audit'));
    const subgraphs: Subgraph[] = [connections, numberInventory, provisioning, audit];

    const gateway = await startGateway({
      supergraphSdl: readSupergraph(),
      subgraphs,
      authenticate: (authorization) =>
        steward?.identify(authorization) ?? numberInventory.internal.verifyKey(authorization),
      routes: passedRoutes,
      readiness: () => readinessOf(subgraphs),
      port: settings.port,
      host: settings.host,
      allowedOrigins: settings.corsOrigins,
      production: settings.mode === 'production',
      logger: logger.child({ part: 'gateway' }),
      explorer: { title: 'Numberyard', defaultQuery: EXPLORER_QUERY },
    });
    // Last of what can fail, because the key it makes is told once: a start that finds its port taken must not have made it.
    const { provider, adminKey } = await numberInventory.bootstrap({
      providerName: settings.provider,
      ...(settings.adminKey ? { adminKey: settings.adminKey } : {}),
    });
    steward?.settle(provider);
    const background: { drain(): Promise<void> }[] = [];
    const numberyard: Numberyard = {
      url: gateway.url,
      provider,
      adminKey,
      stores: Object.values(stores),
      async drain() {
        await gateway.drain();
        await Promise.all(background.map((part) => part.drain()));
        await Promise.all(subgraphs.map((subgraph) => subgraph.drain()));
      },
    };
    await beforeWork?.(numberyard);
    for (const name of subgraphNames) {
      const { keepDays } = settings;
      background.push(startPruner({ store: stores[name], positions: followed[name], clock, logger, keepDays }));
    }
    await Promise.all(subgraphs.map((subgraph) => subgraph.start()));
    return numberyard;
  } catch (error) {
    await closeStores(stores);
    throw error;
  }
}

/** Each subgraph by name: `ok`, or what is wrong with it. */
async function readinessOf(subgraphs: readonly Subgraph[]): Promise<Record<string, string>> {
  const states = await Promise.all(
    subgraphs.map(async ({ name, health }): Promise<[string, string]> => {
      try {
        await health();
        return [name, 'ok'];
      } catch (error) {
        return [name, error instanceof Error ? error.message : String(error)];
      }
    }),
  );
  return Object.fromEntries(states);
}
