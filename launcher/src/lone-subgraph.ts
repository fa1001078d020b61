/** One subgraph as a process of its own, of which any number may run. It listens at once and waits for what it needs. */
import type { Clock } from '@numberyard/kit/clock/clock';
import type { Settings } from '@numberyard/kit/config/settings';
import type { Subgraph } from '@numberyard/kit/graph/subgraph';
import type { Logger } from '@numberyard/kit/logging/logger';
import { RemoteLog } from '@numberyard/kit/service/remote-log';
import { startService, type Service } from '@numberyard/kit/service/server';
import { ServiceClient } from '@numberyard/kit/service/service-client';
import { StoreError } from '@numberyard/kit/storage/port';
import { FollowerPositions } from '@numberyard/kit/workers/follower-positions';
import type { SubgraphName } from '@numberyard/schema/sdl';
import { startPruner } from './pruning.js';
import type { settingsTable } from './settings.js';
import { awaitStore } from './stores.js';
import { followersOf, remoteInternals, SUBGRAPHS } from './subgraphs.js';
import type { Owners, ServedSubgraph, SubgraphParts, SubgraphRecipe } from './subgraphs.js';

export interface LoneSubgraphOptions {
  readonly name: SubgraphName;
  readonly settings: Settings<typeof settingsTable> & { readonly signingSecret: string };
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told the administrator's key when this process made it: once, it is kept nowhere. */
  readonly onAdminKey: (key: string) => void;
}

export interface LoneSubgraph {
  /** Base address, e.g. `http://127.0.0.1:4001`. */
  readonly url: string;
  /** Resolves when everything runs; rejects when that will never be, however long one waits. */
  readonly running: Promise<void>;
  /** Take nothing new, finish what is under way, give the leases back, close the store. */
  drain(): Promise<void>;
}

/** How often it is said that another service is still waited for, milliseconds. */
const TOLD_EVERY = 5_000;
/** Between two looks whether it is there. */
const LOOKED_EVERY = 500;

/** Start to listen; the rest goes on behind `running`. @throws Error when the port cannot be had */
export async function startLoneSubgraph(options: LoneSubgraphOptions): Promise<LoneSubgraph> {
  const lone = new Lone(options);
  await lone.listen();
  return lone;
}

class Lone implements LoneSubgraph {
  readonly #options: LoneSubgraphOptions;
  readonly #stopping = new AbortController();
  /** Ended in the opposite order. */
  readonly #endings: (() => Promise<void>)[] = [];
  #service: Service | undefined;
  #subgraph: Subgraph | undefined;
  /** What is waited for; undefined when everything runs. */
  #waiting: string | undefined = 'it is starting';
  #running: Promise<void> = Promise.resolve();

  constructor(options: LoneSubgraphOptions) {
    this.#options = options;
  }

  get url(): string {
    return this.#service?.url ?? '';
  }

  get running(): Promise<void> {
    return this.#running;
  }

  async listen(): Promise<void> {
    const { name, settings, clock, logger } = this.#options;
    const { host, port, signingSecret: secret } = settings;
    this.#service = await startService({ name, host, port, secret, clock, logger, readiness: () => this.#health() });
    logger.info({ url: this.#service.url }, `${name} listens`);
    this.#running = this.#run(this.#service);
    // Whoever started it may look at this later, or never.
    this.#running.catch(() => undefined);
  }

  async drain(): Promise<void> {
    this.#stopping.abort();
    await this.#service?.drain();
    await this.#running.catch(() => undefined);
    for (const end of this.#endings.splice(0).reverse()) await end();
  }

  async #health(): Promise<void> {
    if (this.#waiting !== undefined) throw new Error(this.#waiting);
    await this.#subgraph?.health();
  }

  async #run(service: Service): Promise<void> {
    const { name, settings, clock, logger } = this.#options;
    const { signal } = this.#stopping;
    const recipe: SubgraphRecipe = SUBGRAPHS[name];
    const owners = this.#owners();
    const { subgraph, parts } = await this.#create(owners);
    this.#subgraph = subgraph;
    this.#endings.push(() => subgraph.drain());
    const { store } = parts;
    const positions = new FollowerPositions({ store, clock, logger, followers: followersOf(name) });
    service.serve({ subgraph, log: positions.log, internal: subgraph.endpoints });
    for (const owner of recipe.follows) await this.#awaitOwner(owner, owners);
    if (signal.aborted) return;
    await subgraph.start();
    const pruner = startPruner({ store, positions, clock, logger, keepDays: settings.keepDays });
    this.#endings.push(() => pruner.drain());
    this.#waiting = undefined;
    logger.info({}, `${name} runs`);
  }

  /** Open the store and make the subgraph on it, however long MongoDB stays away. */
  async #create(owners: Owners): Promise<{ subgraph: ServedSubgraph; parts: SubgraphParts }> {
    const { name, settings, clock, logger } = this.#options;
    const { signal } = this.#stopping;
    for (;;) {
      const waiting = (reason: string) => (this.#waiting = reason);
      const store = await awaitStore(name, settings, { clock, logger, signal, waiting });
      const parts = { store, clock, logger, settings, owners };
      try {
        return { subgraph: await this.#make(parts), parts };
      } catch (error) {
        await store.close();
        if (!(error instanceof StoreError) || error.code !== 'UNAVAILABLE') throw error;
        logger.warn({ reason: error.message }, 'MongoDB went away again');
      }
    }
  }

  async #make(parts: SubgraphParts): Promise<ServedSubgraph> {
    const { name, settings, onAdminKey } = this.#options;
    if (name !== 'number-inventory') return SUBGRAPHS[name].create(parts);
    const numberInventory = await SUBGRAPHS[name].create(parts);
    const { adminKey } = await numberInventory.bootstrap({
      providerName: settings.provider,
      ...(settings.adminKey ? { adminKey: settings.adminKey } : {}),
    });
    if (adminKey !== undefined) onAdminKey(adminKey);
    return numberInventory;
  }

  #owners(): Owners {
    const { name, settings, clock, logger } = this.#options;
    const { signingSecret: secret, connectionsUrl, numberInventoryUrl } = settings;
    const client = (service: SubgraphName, url: string) => {
      const made = new ServiceClient({ service, url, caller: name, secret, clock });
      this.#endings.push(() => made.close());
      return made;
    };
    const clients = {
      connections: client('connections', connectionsUrl),
      'number-inventory': client('number-inventory', numberInventoryUrl),
    };
    const internals = remoteInternals(clients);
    const log = (of: ServiceClient) => {
      const remote = new RemoteLog(of, { clock, logger });
      this.#endings.push(async () => remote.close());
      return remote;
    };
    return {
      connections: { log: log(clients.connections), internal: internals.connections },
      'number-inventory': { log: log(clients['number-inventory']), internal: internals['number-inventory'] },
    };
  }

  /** Workers that cannot reach whom they follow would do nothing but fail. */
  async #awaitOwner(owner: keyof Owners, owners: Owners): Promise<void> {
    const { clock, logger } = this.#options;
    const { signal } = this.#stopping;
    let told = -Infinity;
    while (!signal.aborted) {
      try {
        await owners[owner].log.state();
        return;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#waiting = `waiting for ${owner}: ${reason}`;
        if (clock.monotonic() - told >= TOLD_EVERY) {
          told = clock.monotonic();
          logger.warn({ reason }, `waiting for ${owner}`);
        }
      }
      await clock.sleep(LOOKED_EVERY, signal);
    }
  }
}
