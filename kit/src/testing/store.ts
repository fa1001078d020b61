/** A store of its own for a test. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock/clock.js';
import type { Collection } from '../storage/collection.js';
import { openEmbeddedStore } from '../storage/embedded/open.js';
import { hostile } from '../storage/hostile.js';
import type { Doc, Store } from '../storage/port.js';

export interface TestStore {
  readonly store: Store;
  /** Close it and remove its folder. */
  close(): Promise<void>;
}

/**
 * Open an empty store in a new temporary folder.
 * @param options.hostile seed of a hostile wrapper around it: conflicts at random though nothing is wrong, a doorbell that rings late
 */
export async function openTestStore(options: {
  name?: string;
  collections: readonly Collection<Doc>[];
  clock?: Pick<Clock, 'now'>;
  hostile?: number;
}): Promise<TestStore> {
  const { name = 'test', collections, clock, hostile: seed } = options;
  const folder = await mkdtemp(join(tmpdir(), 'numberyard-store-'));
  const engine = await openEmbeddedStore({ folder, name, collections, ...(clock && { clock }) });
  const store = seed === undefined ? engine : hostile(engine, { seed, conflictRate: 0.2, doorbell: 'late' });
  return {
    store,
    async close() {
      await engine.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
