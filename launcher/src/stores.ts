/** The databases of an installation, one per subgraph, on the engine that the settings name. */
import type { Clock } from '@numberyard/kit/clock/clock';
import type { Logger } from '@numberyard/kit/logging/logger';
import { openEmbeddedStore } from '@numberyard/kit/storage/embedded/open';
import { openMongoStore } from '@numberyard/kit/storage/mongo/open';
import { StoreError, type Store } from '@numberyard/kit/storage/port';
import { subgraphNames, type SubgraphName } from '@numberyard/schema/sdl';
import { SUBGRAPHS } from './subgraphs.js';

export type Stores = Readonly<Record<SubgraphName, Store>>;

/** Where the databases are: a folder, or a MongoDB. */
export interface Databases {
  readonly data: string;
  readonly mongodbUri?: string | undefined;
}

export interface StoreOptions {
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** How often it is said that a database is still waited for, milliseconds. */
const TOLD_EVERY = 5_000;
/** Between two tries to open one. */
const TRIED_EVERY = 1_000;

/** @throws StoreError LOCKED when another process uses the folder, UNAVAILABLE when MongoDB may come yet, INVALID when it never will */
export async function openStore(name: SubgraphName, databases: Databases, options: StoreOptions = {}): Promise<Store> {
  const { collections } = SUBGRAPHS[name];
  const { data: folder, mongodbUri: uri } = databases;
  if (uri !== undefined) return openMongoStore({ uri, name, collections, ...options });
  return openEmbeddedStore({ folder, name, collections, ...options }).catch(naming(folder, name));
}

/**
 * Open all of them, or none.
 * @param open for another way to open one, e.g. {@link awaitStore}
 * @throws StoreError LOCKED when another process uses the folder
 */
export async function openStores(
  databases: Databases,
  options: StoreOptions = {},
  open: (name: SubgraphName) => Promise<Store> = (name) => openStore(name, databases, options),
): Promise<Stores> {
  const opened: [SubgraphName, Store][] = [];
  try {
    for (const name of subgraphNames) opened.push([name, await open(name)]);
  } catch (error) {
    await Promise.allSettled(opened.map(([, store]) => store.close()));
    throw error;
  }
  return Object.fromEntries(opened) as Stores;
}

/**
 * The same as {@link openStore} for a service that waits for a MongoDB that is not there yet.
 * @param options.waiting told why, each time it was tried in vain
 * @throws StoreError at once when waiting would not help, CLOSED when the signal ends it
 */
export async function awaitStore(
  name: SubgraphName,
  databases: Databases,
  options: { clock: Clock; logger: Logger; signal?: AbortSignal; waiting?: (reason: string) => void },
): Promise<Store> {
  const { clock, logger, signal, waiting } = options;
  let told = -Infinity;
  for (;;) {
    try {
      return await openStore(name, databases, { clock, logger });
    } catch (error) {
      if (databases.mongodbUri === undefined || !(error instanceof StoreError) || error.code !== 'UNAVAILABLE')
        throw error;
      waiting?.(error.message);
      if (clock.monotonic() - told >= TOLD_EVERY) {
        told = clock.monotonic();
        logger.warn({ store: name, reason: error.message }, 'waiting for MongoDB');
      }
    }
    await clock.sleep(TRIED_EVERY, signal);
    if (signal?.aborted) throw new StoreError('CLOSED', 'The wait for MongoDB was ended.');
  }
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
