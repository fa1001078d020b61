/** Folders for the data of servers that tests start, which do not outlive the process that made them by much. */
import { access, constants, mkdir, mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'numberyard-mongo-';

/** Memory that looks like a disk, where the system has it: every commit is journalled, and data of a test need not survive the machine. */
const MEMORY = '/dev/shm';
/** Bytes that have to be free there; a container is often given 64 MB only. */
const ENOUGH = 4_000_000_000;

/**
 * A new empty folder. Those that killed processes left behind are removed on the occasion: the servers on them have ended, since each is
 * watched by a small process that ends it with its parent.
 */
export async function makeDataFolder(): Promise<string> {
  const base = (await isRoomInMemory()) ? MEMORY : tmpdir();
  for (const name of await readdir(base)) {
    const owner = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (owner && !isAlive(Number(owner))) await rm(join(base, name), { recursive: true, force: true });
  }
  return mkdtemp(join(base, `${PREFIX}${process.pid}-`));
}

async function isRoomInMemory(): Promise<boolean> {
  try {
    await access(MEMORY, constants.W_OK);
    const { bavail, bsize } = await statfs(MEMORY);
    return bavail * bsize >= ENOUGH;
  } catch {
    return false;
  }
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
