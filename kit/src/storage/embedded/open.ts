/** Opening the embedded engine. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../clock/clock.js';
import type { Collection } from '../collection.js';
import { type Doc, type Store, StoreError } from '../port.js';
import { Preparer } from '../prepare.js';
import { planOf } from './layout.js';
import { lockStore } from './lock.js';
import { Meta } from './meta.js';
import { Reader } from './reader.js';
import { EmbeddedStore } from './store.js';
import { WriterThread } from './writer-thread.js';

export interface EmbeddedOptions {
  /** Data folder, made when missing; may hold the files of several stores. */
  readonly folder: string;
  /** Name of the owning subgraph; the file is `<name>.sqlite`. */
  readonly name: string;
  readonly collections: readonly Collection<Doc>[];
  /** Dates the request records; the process's clock by default. */
  readonly clock?: Pick<Clock, 'now'>;
  readonly logger?: { error(facts: object, message: string): void };
}

/**
 * Open a subgraph's database, made when missing. Entries and counters of collections that are declared differently than last time are rebuilt,
 * which takes a while for large ones.
 * @throws StoreError LOCKED when another process (or store) holds the file, INVALID when stored documents do not fit a key that is now unique,
 *   UNAVAILABLE when the file cannot be used
 */
export async function openEmbeddedStore(options: EmbeddedOptions): Promise<Store> {
  const { folder, name, logger, collections } = options;
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(name)) throw new StoreError('INVALID', `${name} is no fit name for a store`);
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${name}.sqlite`);
  const unlock = lockStore(folder, name);
  let store: EmbeddedStore | undefined;
  let writer: WriterThread | undefined;
  try {
    const crashed = (error: StoreError) => {
      logger?.error({ err: error, store: name }, 'the writer of the store has ended; the store is closed');
      store?.crashed(error);
    };
    writer = await WriterThread.start({ file, plans: collections.map(planOf) }, crashed);
    const reader = new Reader(file);
    const preparer = new Preparer(collections, () => (options.clock ?? Date).now());
    store = new EmbeddedStore({ name, reader, meta: new Meta(reader.connection), writer, preparer, unlock });
    return store;
  } catch (error) {
    await writer?.close();
    unlock();
    throw error;
  }
}
