/** Writing a backup: a folder that takes its name when everything in it is durable, so that a kill leaves none that looks whole. */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { StoreError } from '../port.js';
import { ARCHIVE_FORMAT, writeArchive } from './archive-write.js';
import { syncFolder, writeDurably } from './durable.js';
import type { Progress } from './copy-store.js';
import { SnapshotLostError, type StoreImage } from './image.js';
import { MANIFEST, type Manifest, type ManifestStore, sealManifest } from './manifest.js';

export interface BackupSource {
  readonly name: string;
  open(attempt: number): Promise<StoreImage>;
}

export interface BackupOptions {
  /** Where to; must not be there, or be an empty folder. */
  readonly folder: string;
  /** Opened one after the other, so that each is read while it is fresh; once more, with attempt 1, when its database lost the snapshot. */
  readonly stores: readonly BackupSource[];
  readonly about: Pick<Manifest, 'version' | 'engine' | 'takenAt' | 'encryptionKey'>;
  readonly progress: (store: string) => Progress;
  readonly done: (store: ManifestStore) => void;
}

/** @throws StoreError INVALID when something is in the way, UNAVAILABLE when a store cannot be read */
export async function writeBackup({ folder, stores, about, progress, done }: BackupOptions): Promise<Manifest> {
  const place = resolve(folder);
  await checkVacant(place);
  // A kill leaves it behind; the next backup to the same place removes it.
  const draft = `${place}.unfinished`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  try {
    const written: ManifestStore[] = [];
    for (const source of stores) {
      const store = await writeStore(source, draft, progress(source.name));
      written.push(store);
      done(store);
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

async function writeStore(source: BackupSource, folder: string, progress: Progress): Promise<ManifestStore> {
  const { name } = source;
  const file = `${name}.jsonl.gz`;
  for (let attempt = 0; ; attempt += 1) {
    const image = await source.open(attempt);
    try {
      const step = attempt === 0 ? 'reading' : 'reading again, outside a transaction';
      return { name, file, ...(await writeArchive(image, join(folder, file), (rows) => progress(step, rows))) };
    } catch (error) {
      if (!(error instanceof SnapshotLostError) || attempt > 0) throw error;
      await rm(join(folder, file), { force: true });
    } finally {
      await image.close();
    }
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
