/** Two whole Numberyards in this process on one MongoDB, in databases of their own: what one of them does the other has to see. */
import { randomBytes } from 'node:crypto';
import { systemClock } from '@numberyard/kit/clock/system-clock';
import { readSettings } from '@numberyard/kit/config/settings';
import { createLogger } from '@numberyard/kit/logging/logger';
import { takeTestDatabases } from '@numberyard/kit/testing/mongo';
import { startNumberyard, type Numberyard } from '@numberyard/launcher/numberyard';
import { settingsTable } from '@numberyard/launcher/settings';
import { ApiClient } from './client.js';
import { contentOf } from './databases.js';
import { createManagers } from './managers.js';
import { takePorts } from './ports.js';
import { STORY, storyKey } from './story.js';
import type { World } from './world.js';

const REPLICAS = 2;

export async function openReplicaWorld(): Promise<World> {
  const adminKey = storyKey();
  const databases = await takeTestDatabases('world');
  const ports = await takePorts(REPLICAS);
  const log: string[] = [];
  const logger = createLogger('debug', { write: (line: string) => void log.push(line) });
  const common = {
    MONGODB_URI: databases.uri,
    NUMBERYARD_ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    NUMBERYARD_ADMIN_KEY: adminKey,
    ...STORY,
  };
  let running: readonly Numberyard[] = [];
  // One after the other: the first makes collections and indexes, which the second would only be in the way of.
  const start = async () => {
    for (const port of ports) {
      const settings = readSettings(settingsTable, { PORT: String(port), ...common });
      running = [...running, await startNumberyard({ settings, clock: systemClock, logger })];
    }
  };
  const stop = async () => {
    await Promise.all(running.map((replica) => replica.drain()));
    running = [];
  };
  const managers = createManagers();
  const close = async () => {
    await stop();
    await managers.close();
    databases.release();
  };
  try {
    await start();
  } catch (error) {
    await close();
    throw error;
  }
  const first = () => running[0] ?? fail('Numberyard does not run');
  let turn = 0;
  const nextUrl = () => (running[turn++ % REPLICAS] ?? first()).url;
  return {
    adminKey,
    log,
    provider: first().provider,
    get url() {
      return nextUrl();
    },
    client: (key = adminKey) => new ApiClient(nextUrl, key),
    routingManager: managers.start,
    store: (subgraph) =>
      first().stores.find(({ name }) => name === subgraph) ?? fail(`there is no subgraph ${subgraph}`),
    atRest: () => contentOf(databases.uri),
    async restart() {
      await stop();
      await start();
    },
    close,
  };
}

function fail(message: string): never {
  throw new Error(message);
}
