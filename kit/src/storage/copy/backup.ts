/** Writing a backup: a folder that takes its name when everything in it is durable, so that a kill leaves none that looks whole. */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { StoreError } from '../port.js';
import { ARCHIVE_FORMAT, writeArchive } from './archive-write.js';
import { syncFolder, writeDurably } from './durable.js';
import type { StoreImage } from './image.js';
import { MANIFEST, type Manifest, type ManifestStore, sealManifest } from './manifest.js';

export interface BackupOptions {
  /** Where to; must not be there, or be an empty folder. */
  readonly folder: string;
  /** Opened one after the other, so that each is read while it is fresh. */
  readonly stores: readonly { readonly name: string; open(): Promise<StoreImage> }[];
  readonly about: Pick<Manifest, 'version' | 'engine' | 'takenAt' | 'encryptionKey'>;
  readonly counted: (store: string, rows: number) => void;
  readonly done: (store: ManifestStore) => void;
}

/** @throws StoreError INVALID when something is in the way, UNAVAILABLE when a store cannot be read */
export async function writeBackup({ folder, stores, about, counted, done }: BackupOptions): Promise<Manifest> {
  const place = resolve(folder);
  await checkVacant(place);
  // A kill leaves it behind; the next backup to the same place removes it.
  const draft = `${place}.unfinished`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  try {
    const written: ManifestStore[] = [];
    for (const { name, open } of stores) {
      const file = `${name}.jsonl.gz`;
      const image = await open();
      try {
        const archive = await writeArchive(image, join(draft, file), (rows) => counted(name, rows));
        written.push({ name, file, ...archive });
      } finally {
        await image.close();
      }
      done(written[written.length - 1] as ManifestStore);
    }
    const manifest: Manifest = { format: ARCHIVE_FORMAT, ...about, stores: written };
    await writeDurably(join(draft, MANIFEST), sealManifest(manifest));
    await syncFolder(draft);
    await rename(draft, place);
    await syncFolder(dirname(place));
    return manifest;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

async function checkVacant(place: string): Promise<void> {
  const entries = await readdir(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    if (error.code === 'ENOTDIR') return ['.'];
    throw error;
  });
  if (entries.length > 0) throw new StoreError('INVALID', `${place} is there already and not an empty folder.`);
}
