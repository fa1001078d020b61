/** Folders for the data of servers that tests start, which do not outlive the process that made them by much. */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'numberyard-mongo-';

/**
 * A new empty folder. Those that killed processes left behind are removed on the occasion: the servers on them have ended, since each is
 * watched by a small process that ends it with its parent.
 */
export async function makeDataFolder(): Promise<string> {
  const owned = await readdir(tmpdir());
  for (const name of owned) {
    const owner = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (owner && !isAlive(Number(owner))) await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
  return mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
}

/** A folder in it, made when missing. */
export async function subfolder(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(path, { recursive: true });
  return path;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of somebody else's is alive too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
