/** Which `mongod` the tests run: the one `MONGOMS_SYSTEM_BINARY` names, else one on the PATH, else one that is downloaded. */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { MongoBinary } from 'mongodb-memory-server-core';

export interface Binary {
  readonly path: string;
  /** As it says itself, e.g. `4.4.29`. */
  readonly version: string;
}

/** Longest a download may take before it counts as impossible. */
const DOWNLOAD_MS = 300_000;

/**
 * The `mongod` to run.
 * @throws Error that says in one sentence what to do when there is none
 */
export async function findMongod(): Promise<Binary> {
  const named = process.env['MONGOMS_SYSTEM_BINARY'];
  const path = named ?? (await onPath()) ?? (await download());
  try {
    const { stdout } = await promisify(execFile)(path, ['--version']);
    const version = /version v?(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
    if (!version) throw new Error('it does not say its version');
    return { path, version };
  } catch (error) {
    const reason = (error as Error).message.split('\n', 1)[0];
    throw new Error(`${path} cannot be run (${reason}); set MONGOMS_SYSTEM_BINARY to a mongod of 4.4 or newer.`, {
      cause: error,
    });
  }
}

async function onPath(): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder || '.', 'mongod');
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return path;
  }
  return undefined;
}

async function download(): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it took too long')), DOWNLOAD_MS);
  });
  try {
    return await Promise.race([MongoBinary.getPath(), late]);
  } catch (error) {
    const reason = (error as Error).message.split('\n', 1)[0];
    throw new Error(
      'There is no MongoDB to test on: MONGODB_URI is not set, there is no mongod on the PATH and none could be downloaded ' +
        `(${reason}); set MONGODB_URI to the address of a replica set, or MONGOMS_SYSTEM_BINARY to a mongod of 4.4 or newer.`,
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
}
