import { randomBytes } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { key32 } from '@numberyard/kit/config/settings';

/** Name of the key file in the data folder. */
export const KEY_FILE = 'encryption.key';

/**
 * The encryption key of a data folder: the given one, else the one in its key file, which is made when there is none.
 *
 * The file is written beside its place and then linked to it: a kill leaves either no key or a whole one, and of two starts that race one wins.
 * @throws Error when the file holds no key
 */
export async function encryptionKey(folder: string, given: Buffer | undefined): Promise<Buffer> {
  if (given) return given;
  const path = join(folder, KEY_FILE);
  const existing = await read(path);
  if (existing) return existing;
  const draft = `${path}.${process.pid}`;
  const file = await open(draft, 'w', 0o600);
  await file.writeFile(`${randomBytes(32).toString('hex')}\n`);
  await file.sync();
  await file.close();
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  const made = await read(path);
  if (!made) throw new Error(`${path} could not be written`);
  return made;
}

async function read(path: string): Promise<Buffer | undefined> {
  const content = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (content === undefined) return undefined;
  try {
    return key32(content.trim());
  } catch (error) {
    throw new Error(`${path} holds no encryption key: it ${error instanceof Error ? error.message : ''}`, {
      cause: error,
    });
  }
}
