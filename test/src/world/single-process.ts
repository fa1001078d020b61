/** A whole Numberyard in this process, on the embedded engine in a folder of its own. */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@numberyard/kit/clock/system-clock';
import { readSettings } from '@numberyard/kit/config/settings';
import { createLogger } from '@numberyard/kit/logging/logger';
import { startNumberyard, type Numberyard } from '@numberyard/launcher/numberyard';
import { settingsTable } from '@numberyard/launcher/settings';
import { ApiClient } from './client.js';
import { createManagers } from './managers.js';
import { takePorts } from './ports.js';
import { STORY, storyKey } from './story.js';
import type { World } from './world.js';

export interface SingleProcess extends World {
  /** The data folder. */
  readonly folder: string;
}

/** @param env settings beside those every story needs */
export async function openSingleProcess(env: Readonly<Record<string, string>> = {}): Promise<SingleProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'numberyard-'));
  const adminKey = storyKey();
  const [port] = await takePorts(1);
  const log: string[] = [];
  const logger = createLogger('debug', { write: (line: string) => void log.push(line) });
  const settings = readSettings(settingsTable, {
    PORT: String(port),
    NUMBERYARD_DATA: folder,
    NUMBERYARD_ADMIN_KEY: adminKey,
    ...STORY,
    ...env,
  });
  const start = () => startNumberyard({ settings, clock: systemClock, logger });
  let running: Numberyard = await start();
  const managers = createManagers();
  return {
    folder,
    adminKey,
    log,
    provider: running.provider,
    get url() {
      return running.url;
    },
    client: (key = adminKey) => new ApiClient(() => running.url, key),
    routingManager: managers.start,
    store(subgraph) {
      const store = running.stores.find(({ name }) => name === subgraph);
      if (!store) throw new Error(`there is no subgraph ${subgraph}`);
      return store;
    },
    async atRest() {
      const names = await readdir(folder, { recursive: true });
      const read = await Promise.all(
        names.map(async (name): Promise<[string, Buffer][]> => {
          const path = join(folder, name);
          return (await stat(path)).isFile() ? [[name, await readFile(path)]] : [];
        }),
      );
      return read.flat();
    },
    async restart() {
      await running.drain();
      running = await start();
    },
    async close() {
      await running.drain();
      await managers.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
