/** The encryption key beside a copy: never copied, but looked after. */
import { passwordPlace } from '@numberyard/connections/domain/connection';
import { connections } from '@numberyard/connections/models/connections';
import { SecretBox } from '@numberyard/kit/crypto/secret-box';
import type { StoreImage } from '@numberyard/kit/storage/copy/image';
import { keptKey } from '../encryption-key.js';
import type { Databases } from '../stores.js';

/** The key that services would use: the one given, else the one kept in the data folder; none is made. */
export async function keyAtHand(
  { data, mongodbUri }: Databases,
  given: Buffer | undefined,
): Promise<Buffer | undefined> {
  return given ?? (mongodbUri === undefined ? keptKey(data) : undefined);
}

export interface StoredSecrets {
  /** Connections that have a sealed password. */
  readonly stored: number;
  /** Those of them that the key opens. */
  readonly opened: number;
}

/** Try a key on all stored secrets. @param image of the subgraph connections */
export async function trySecrets(image: StoreImage, key: Buffer | undefined): Promise<StoredSecrets> {
  const box = key && new SecretBox(key);
  let [stored, opened] = [0, 0];
  const batches = image.batches((part) =>
    part.kind === 'documents' && part.collection === connections.name ? undefined : 'SKIP',
  );
  for await (const { rows } of batches) {
    for (const row of rows) {
      const { id, sealedPassword } = row as { readonly id: string; readonly sealedPassword?: unknown };
      if (typeof sealedPassword !== 'string') continue;
      stored += 1;
      if (box && opens(box, sealedPassword, passwordPlace(id))) opened += 1;
    }
  }
  return { stored, opened };
}

function opens(box: SecretBox, sealed: string, place: string): boolean {
  try {
    box.open(sealed, place);
    return true;
  } catch {
    return false;
  }
}
