/** The four databases of an installation on the embedded engine. */
import { collections as auditCollections } from '@numberyard/audit/main';
import { collections as connectionsCollections } from '@numberyard/connections/main';
import type { Clock } from '@numberyard/kit/clock/clock';
import type { Logger } from '@numberyard/kit/logging/logger';
import { openEmbeddedStore } from '@numberyard/kit/storage/embedded/open';
import type { Store } from '@numberyard/kit/storage/port';
import { collections as numberInventoryCollections } from '@numberyard/number-inventory/main';
import { collections as provisioningCollections } from '@numberyard/provisioning/main';

const COLLECTIONS = {
  connections: connectionsCollections,
  'number-inventory': numberInventoryCollections,
  provisioning: provisioningCollections,
  audit: auditCollections,
} as const;

export type Stores = Readonly<Record<keyof typeof COLLECTIONS, Store>>;

/**
 * Open all of them, or none.
 * @throws StoreError LOCKED when another process uses the folder
 */
export async function openStores(folder: string, options: { clock?: Clock; logger?: Logger } = {}): Promise<Stores> {
  const opened: [string, Store][] = [];
  try {
    for (const [name, collections] of Object.entries(COLLECTIONS)) {
      opened.push([
        name,
        await openEmbeddedStore({ folder, name, collections, ...options }).catch(naming(folder, name)),
      ]);
    }
  } catch (error) {
    await Promise.allSettled(opened.map(([, store]) => store.close()));
    throw error;
  }
  return Object.fromEntries(opened) as Stores;
}

export async function closeStores(stores: Stores): Promise<void> {
  await Promise.allSettled(Object.values(stores).map((store) => store.close()));
}

/** SQLite's messages do not say which file they are about. */
function naming(folder: string, name: string): (error: unknown) => never {
  return (error) => {
    const { code = 'UNAVAILABLE', message } = error as NodeJS.ErrnoException;
    if (code !== 'UNAVAILABLE' && code !== 'ERR_SQLITE_ERROR') throw error;
    throw new Error(`the database ${name} in ${folder} cannot be opened: ${message.replace(/\.$/, '')}.`, {
      cause: error,
    });
  };
}
