/** The manifest of a backup: what is in it, by which every file is checked before a row of it is used. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '../../crypto/canonical-json.js';
import { type Instant, StoreError } from '../port.js';
import { Archive, sha256Of } from './archive-read.js';
import { ARCHIVE_FORMAT, type WrittenArchive } from './archive-write.js';
import type { CopyPair } from './copy-installation.js';

export const MANIFEST = 'manifest.json';

export interface ManifestStore extends WrittenArchive {
  readonly name: string;
  /** Name of its file in the backup's folder. */
  readonly file: string;
}

export interface Manifest {
  readonly format: number;
  /** Version of the program that wrote it. */
  readonly version: string;
  readonly engine: 'embedded' | 'mongodb';
  readonly takenAt: Instant;
  readonly encryptionKey: {
    readonly included: false;
    /** Of the key at hand when the backup was taken, see `keyFingerprint`; null when there was none. */
    readonly fingerprint: string | null;
    readonly note: string;
  };
  readonly stores: readonly ManifestStore[];
}

/** With its own checksum: over everything else as canonical JSON. */
type SealedManifest = Manifest & { readonly sha256: string };

export function sealManifest(manifest: Manifest): string {
  const sealed: SealedManifest = { ...manifest, sha256: sumOf(manifest) };
  return `${JSON.stringify(sealed, null, 2)}\n`;
}

/** Which backup this is: two of the same state taken at different times differ. */
export function backupId(manifest: Manifest): string {
  return sumOf(manifest);
}

function sumOf(manifest: Manifest): string {
  return createHash('sha256').update(canonicalJson(manifest)).digest('hex');
}

/** Read and check the manifest of a backup. @throws StoreError UNAVAILABLE when it is none, damaged, or of another format */
export async function readManifest(folder: string): Promise<Manifest> {
  const file = join(folder, MANIFEST);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new StoreError('UNAVAILABLE', `${folder} is no backup: it holds no ${MANIFEST}.`, { cause: error });
  });
  const { sha256, ...manifest } = parse(text) ?? {};
  if (typeof manifest.format === 'number' && manifest.format !== ARCHIVE_FORMAT) {
    throw new StoreError(
      'UNAVAILABLE',
      `${folder} is a backup of format ${manifest.format}; this program knows ${ARCHIVE_FORMAT}.`,
    );
  }
  if (sha256 !== sumOf(manifest as Manifest)) throw new StoreError('UNAVAILABLE', `${file} is damaged.`);
  return manifest as Manifest;
}

function parse(text: string): Partial<SealedManifest> | undefined {
  try {
    return JSON.parse(text) as Partial<SealedManifest>;
  } catch {
    return undefined;
  }
}

/** Read every file of a backup and compare it with its manifest. @throws StoreError UNAVAILABLE when one is missing or damaged */
export async function checkArchives(
  folder: string,
  manifest: Manifest,
  told: (store: string) => void = () => {},
): Promise<Omit<CopyPair, 'target'>[]> {
  const checked: Omit<CopyPair, 'target'>[] = [];
  for (const { name, file, bytes, sha256, parts } of manifest.stores) {
    const path = join(folder, file);
    const found = await stat(path).catch(() => undefined);
    if (!found) throw new StoreError('UNAVAILABLE', `The backup is not whole: ${path} is missing.`);
    if (found.size !== bytes || (await sha256Of(path)) !== sha256) {
      throw new StoreError('UNAVAILABLE', `${path} is damaged: it is not what the manifest says. Nothing was changed.`);
    }
    checked.push({ source: new Archive(name, path), tallies: parts });
    told(name);
  }
  return checked;
}
