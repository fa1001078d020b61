/** A Numberyard in this process that is stopped at one place and started at another: its databases move, its clients and routing managers stay. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@numberyard/kit/clock/system-clock';
import { readSettings } from '@numberyard/kit/config/settings';
import { createLogger } from '@numberyard/kit/logging/logger';
import { type Numberyard, startNumberyard } from '@numberyard/launcher/numberyard';
import { settingsTable } from '@numberyard/launcher/settings';
import { ApiClient } from './client.js';
import { createManagers } from './managers.js';
import { STORY, storyKey } from './story.js';
import type { World } from './world.js';

/** Where the databases are, as settings. */
export type Place = Readonly<Record<string, string>>;

export interface Movable extends Pick<World, 'client' | 'routingManager'> {
  /** Node id of the provider. */
  readonly provider: string;
  /** Epoch and head of a subgraph's log, as a cursor. */
  cursor(subgraph: string): Promise<string>;
  start(place: Place): Promise<void>;
  stop(): Promise<void>;
  /** A new path for a folder; removed when this is closed. */
  newFolder(name: string): string;
  close(): Promise<void>;
}

export async function openMovable(): Promise<Movable> {
  const root = await mkdtemp(join(tmpdir(), 'numberyard-movable-'));
  const adminKey = storyKey();
  const managers = createManagers();
  let running: Numberyard | undefined;
  const current = () => {
    if (!running) throw new Error('Numberyard is stopped');
    return running;
  };
  return {
    get provider() {
      return current().provider;
    },
    client: (key = adminKey) => new ApiClient(() => current().url, key),
    routingManager: managers.start,
    async cursor(subgraph) {
      const { epoch, head } =
        (await current()
          .stores.find(({ name }) => name === subgraph)
          ?.log.state()) ?? {};
      return `${epoch}.${head}`;
    },
    async start(place) {
      const settings = readSettings(settingsTable, {
        PORT: '0',
        NUMBERYARD_ADMIN_KEY: adminKey,
        ...STORY,
        ...place,
      });
      running = await startNumberyard({ settings, clock: systemClock, logger: createLogger('silent') });
    },
    async stop() {
      await running?.drain();
      running = undefined;
    },
    newFolder: (name) => join(root, name),
    async close() {
      await running?.drain();
      await managers.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

export interface Ended {
  /** Null when it was killed. */
  readonly code: number | null;
  /** All it printed. */
  readonly output: string;
}

/**
 * Run one of the launcher's programs as an operator does.
 * @param killWhen resolves when it is to be killed (kill -9)
 */
export async function runProgram(
  name: 'backup' | 'restore' | 'transfer' | 'migrate' | 'verify',
  args: readonly string[],
  env: Place,
  killWhen?: (signal: AbortSignal) => Promise<unknown>,
): Promise<Ended> {
  const file = fileURLToPath(import.meta.resolve(`@numberyard/launcher/${name}`));
  const child = spawn(process.execPath, [file, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const over = new AbortController();
  const exited = once(child, 'close') as Promise<[number | null]>;
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => printed.push(String(chunk)));
  void killWhen?.(over.signal).then(() => child.kill('SIGKILL'));
  const [code] = await exited;
  over.abort();
  return { code, output: printed.join('') };
}
