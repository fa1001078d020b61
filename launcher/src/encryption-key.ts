import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { key32 } from '@numberyard/kit/config/settings';

/** Name of the key file in the data folder. */
export const KEY_FILE = 'encryption.key';

/** The encryption key that the settings lead to. @throws Error when there is none */
export async function encryptionKeyOf(settings: {
  readonly data: string;
  readonly mongodbUri?: string | undefined;
  readonly encryptionKey?: Buffer | undefined;
}): Promise<Buffer> {
  const { data, mongodbUri, encryptionKey: given } = settings;
  if (given) return given;
  // A file beside each process would be another key for each replica.
  if (mongodbUri !== undefined) throw new Error(KEY_NEEDED);
  await mkdir(data, { recursive: true, mode: 0o700 });
  return keyIn(data);
}

/** What to tell who sets MONGODB_URI alone. */
export const KEY_NEEDED =
  'with MONGODB_URI the key that seals stored credentials has to be given, the same to all replicas. ' +
  'Set NUMBERYARD_ENCRYPTION_KEY, for instance to what `openssl rand -hex 32` prints, and keep a copy.';

/**
 * The key in the folder's key file, which is made when there is none.
 *
 * The file is written beside its place and then linked to it: a kill leaves either no key or a whole one, and of two starts that race one wins.
 * @throws Error when the file holds no key
 */
async function keyIn(folder: string): Promise<Buffer> {
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

/** The key in the folder's key file, if there is one. @throws Error when the file holds no key */
export function keptKey(folder: string): Promise<Buffer | undefined> {
  return read(join(folder, KEY_FILE));
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
