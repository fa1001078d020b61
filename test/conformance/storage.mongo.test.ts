import { openMongoStore } from '@numberyard/kit/storage/mongo/open';
import { hostile } from '@numberyard/kit/storage/hostile';
import { takeTestDatabases } from '@numberyard/kit/testing/mongo';
import { describeStore, type Site } from './storage.js';

async function makeSite(): Promise<Site> {
  const { uri, release } = await takeTestDatabases('conformance');
  return {
    open: (collections, clock) => openMongoStore({ uri, name: 'suite', collections, clock }),
    remove: () => Promise.resolve(release()),
  };
}

describeStore('the engine on MongoDB', makeSite);

describeStore('the engine on MongoDB behind a hostile wrapper', async () => {
  const site = await makeSite();
  return {
    open: async (collections, clock) =>
      hostile(await site.open(collections, clock), { seed: 1, conflictRate: 0.2, doorbell: 'late' }),
    remove: site.remove,
  };
});
