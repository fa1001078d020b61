import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedStore } from '@numberyard/kit/storage/embedded/open';
import { hostile } from '@numberyard/kit/storage/hostile';
import { describeStore, type Site } from './storage.js';

async function makeSite(): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'numberyard-conformance-'));
  return {
    open: (collections, clock) => openEmbeddedStore({ folder, name: 'suite', collections, clock }),
    remove: () => rm(folder, { recursive: true }),
  };
}

describeStore('the embedded engine', makeSite);

describeStore('the embedded engine behind a hostile wrapper', async () => {
  const site = await makeSite();
  return {
    open: async (collections, clock) =>
      hostile(await site.open(collections, clock), { seed: 1, conflictRate: 0.2, doorbell: 'late' }),
    remove: site.remove,
  };
});
