import type { Page, PagePosition, Store } from '@numberyard/kit/storage/port';
import type { LastSync } from '@numberyard/schema/internal';
import type { SyncRun } from '../domain/run.js';
import { syncRuns } from '../models/sync-runs.js';
import { connectionsOf } from './customer-connections.js';

/** A customer's connections with the end of each one's last sync that succeeded, in order of name. Purges are none. */
export async function lastSyncs(store: Store, customer: string): Promise<readonly LastSync[]> {
  const found: LastSync[] = [];
  for (const { id, name } of await connectionsOf(store, customer)) {
    const ends = [await lastEnd(store, id, 'SUCCEEDED'), await lastEnd(store, id, 'SUCCEEDED_WITH_ISSUES')];
    const last = ends.filter((end) => end !== undefined).toSorted();
    found.push({ connection: id, name, finishedAt: last.at(-1) ?? null });
  }
  return found;
}

/** A connection has one run at a time, so they ended in the order they were queued. */
async function lastEnd(store: Store, connection: string, state: SyncRun['state']): Promise<string | undefined> {
  let after: PagePosition | undefined;
  do {
    const page: Page<SyncRun> = await store.find(syncRuns, {
      key: 'byConnectionState',
      equals: [connection, state],
      where: { kind: 'SYNC' },
      descending: true,
      limit: 1,
      ...(after && { after }),
    });
    if (page.items[0]) return page.items[0].finishedAt;
    after = page.after;
  } while (after);
  return undefined;
}
