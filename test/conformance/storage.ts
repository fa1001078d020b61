/** The conformance suite: what the storage port promises, held against any engine or wrapper. */
import { afterEach, beforeEach, describe } from 'vitest';
import type { Clock } from '@numberyard/kit/clock/clock';
import type { Collection } from '@numberyard/kit/storage/collection';
import type { Doc, Store } from '@numberyard/kit/storage/port';
import { collections } from './fixtures.js';
import { describeCommits } from './storage-commits.js';
import { describeConcurrency } from './storage-concurrency.js';
import { describeCounters } from './storage-counters.js';
import { describeFind } from './storage-find.js';
import { describeKeys } from './storage-keys.js';
import { describeLifetime } from './storage-lifetime.js';
import { describeLog } from './storage-log.js';

/** One database, empty at first, that can be opened again and again. */
export interface Site {
  open(collections: readonly Collection<Doc>[], clock: Pick<Clock, 'now'>): Promise<Store>;
  /** Remove it; what is open of it was closed before. */
  remove(): Promise<void>;
}

/** What the parts of the suite work on, new for each test. */
export interface Subject {
  readonly store: Store;
  readonly clock: { time: number; now(): number };
  /** Close the store and open it again; `store` is the new one then. */
  reopen(collections?: readonly Collection<Doc>[]): Promise<Store>;
  /** Open a second store of the same database beside the first. */
  second(): Promise<Store>;
}

export function describeStore(name: string, makeSite: () => Promise<Site>): void {
  describe(name, () => {
    let site: Site;
    let store: Store;
    const clock = { time: Date.parse('2026-03-01T10:00:00.000Z'), now: () => clock.time };

    beforeEach(async () => {
      clock.time = Date.parse('2026-03-01T10:00:00.000Z');
      site = await makeSite();
      store = await site.open(collections, clock);
    });
    afterEach(async () => {
      await store.close();
      await site.remove();
    });

    const subject: Subject = {
      get store() {
        return store;
      },
      clock,
      async reopen(declared = collections) {
        await store.close();
        store = await site.open(declared, clock);
        return store;
      },
      second: () => site.open(collections, clock),
    };

    describeCommits(subject);
    describeKeys(subject);
    describeFind(subject);
    describeCounters(subject);
    describeConcurrency(subject);
    describeLog(subject);
    describeLifetime(subject);
  });
}
