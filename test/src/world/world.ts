/** A whole Numberyard in this process, on the embedded engine in a folder of its own, with simulated routing managers as asked for. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@numberyard/kit/clock/system-clock';
import { readSettings } from '@numberyard/kit/config/settings';
import { createLogger } from '@numberyard/kit/logging/logger';
import type { Store } from '@numberyard/kit/storage/port';
import { startNumberyard, type Numberyard } from '@numberyard/launcher/numberyard';
import { settingsTable } from '@numberyard/launcher/settings';
import { startRoutingManager, type RoutingManager } from '@numberyard/simulator-arm/routing-manager';
import { ApiClient } from './client.js';

export interface World {
  readonly folder: string;
  readonly adminKey: string;
  /** Node id of the provider. */
  readonly provider: string;
  /** Address now; another one after a restart. */
  readonly url: string;
  /** A client of the administrator, or of another key. */
  client(key?: string): ApiClient;
  /** Everything logged so far, as JSON lines. */
  readonly log: readonly string[];
  routingManager(options?: Partial<Parameters<typeof startRoutingManager>[0]>): Promise<RoutingManager & Credentials>;
  /** A subgraph's store, to look behind the API or to put something there it would take a month to get. */
  store(subgraph: string): Store;
  /** Stop in good order and start again on the same data. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export async function openWorld(env: Record<string, string> = {}): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'numberyard-'));
  const adminKey = `ny_${randomBytes(24).toString('base64url')}`;
  const log: string[] = [];
  const logger = createLogger('debug', { write: (line: string) => void log.push(line) });
  const settings = readSettings(settingsTable, {
    PORT: '0',
    NUMBERYARD_DATA: folder,
    NUMBERYARD_ADMIN_KEY: adminKey,
    NUMBERYARD_ALLOW_LOOPBACK: 'true',
    NUMBERYARD_ALLOW_PLAIN_HTTP: 'true',
    ...env,
  });
  const start = () => startNumberyard({ settings, clock: systemClock, logger });
  let running: Numberyard = await start();
  const managers: RoutingManager[] = [];
  return {
    folder,
    adminKey,
    log,
    provider: running.provider,
    get url() {
      return running.url;
    },
    client: (key = adminKey) => new ApiClient(running.url, key),
    async routingManager(options = {}) {
      const credentials = { username: 'operator', password: randomBytes(12).toString('base64url') };
      const manager = await startRoutingManager({ ...credentials, ...options });
      managers.push(manager);
      return Object.assign(manager, credentials, options);
    },
    store(subgraph) {
      const store = running.stores.find(({ name }) => name === subgraph);
      if (!store) throw new Error(`there is no subgraph ${subgraph}`);
      return store;
    },
    async restart() {
      await running.drain();
      running = await start();
    },
    async close() {
      await running.drain();
      await Promise.all(managers.map((manager) => manager.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
