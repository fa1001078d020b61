/** A store of its own for a test. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock/clock.js';
import type { Collection } from '../storage/collection.js';
import { openEmbeddedStore } from '../storage/embedded/open.js';
import { hostile } from '../storage/hostile.js';
import { openMongoStore } from '../storage/mongo/open.js';
import type { Doc, Store } from '../storage/port.js';
import { takeTestDatabases, testMongoUri } from './mongo.js';

export interface TestStore {
  readonly store: Store;
  /** Close it and leave nothing behind. */
  close(): Promise<void>;
}

interface Wanted {
  readonly name: string;
  readonly collections: readonly Collection<Doc>[];
  readonly clock?: Pick<Clock, 'now'>;
}

/**
 * Open an empty store: a new temporary folder of the embedded engine, or databases of its own when the tests run on MongoDB.
 * @param options.hostile seed of a hostile wrapper around it: conflicts at random though nothing is wrong, a doorbell that rings late
 * @param options.exclusive what the store says of letting others in, for tests of those who ask it; else as the engine is
 */
export async function openTestStore(options: {
  name?: string;
  collections: readonly Collection<Doc>[];
  clock?: Pick<Clock, 'now'>;
  hostile?: number;
  exclusive?: boolean;
}): Promise<TestStore> {
  const { name = 'test', collections, clock, hostile: seed } = options;
  const wanted = { name, collections, ...(clock && { clock }) };
  const { store: engine, close } = testMongoUri() === undefined ? await openEmbedded(wanted) : await openMongo(wanted);
  const store = seed === undefined ? engine : hostile(engine, { seed, conflictRate: 0.2, doorbell: 'late' });
  const { exclusive = store.exclusive } = options;
  return { store: exclusive === store.exclusive ? store : posing(store, exclusive), close };
}

function posing(store: Store, exclusive: boolean): Store {
  return { ...hostile(store, { seed: 0, conflictRate: 0, doorbell: 'normal' }), exclusive };
}

async function openEmbedded(wanted: Wanted): Promise<TestStore> {
  const folder = await mkdtemp(join(tmpdir(), 'numberyard-store-'));
  const store = await openEmbeddedStore({ folder, ...wanted });
  return {
    store,
    async close() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function openMongo(wanted: Wanted): Promise<TestStore> {
  const declared = wanted.collections.map(({ name, keys }) => ({ name, keys }));
  const { uri, release } = await takeTestDatabases(JSON.stringify([wanted.name, declared]));
  const store = await openMongoStore({ uri, ...wanted });
  return {
    store,
    async close() {
      await store.close();
      release();
    },
  };
}
