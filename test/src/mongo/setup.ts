/**
 * Global setup of the tests on MongoDB: a replica set for the whole run, its address in `TEST_MONGODB_URI`. The path of the address is what the name of
 * every database of this run begins with; they are dropped at the end.
 */
import { randomBytes } from 'node:crypto';
import { withDatabase } from '@numberyard/kit/testing/mongo';
import { mongo } from 'mongoose';
import { openReplicaSet } from './replica-set.js';

export async function setup(): Promise<(() => Promise<void>) | undefined> {
  // Vitest calls this once for each of its projects; all of them test on the same.
  if (process.env['TEST_MONGODB_URI']) return undefined;
  const set = await openReplicaSet().catch((error: Error) => {
    console.error(error.message);
    process.exit(1);
  });
  // Programs that tests start get this environment and must not find the operator's databases in it.
  delete process.env['MONGODB_URI'];
  const run = `nytest${randomBytes(3).toString('hex')}`;
  process.env['TEST_MONGODB_URI'] = withDatabase(set.uri, run);
  console.log(`Testing on MongoDB ${set.version}.`);
  return async () => {
    const client = new mongo.MongoClient(set.uri);
    try {
      const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
      const own = databases.filter(({ name }) => name.startsWith(run));
      await Promise.all(own.map(({ name }) => client.db(name).dropDatabase()));
    } finally {
      await client.close();
      await set.stop();
    }
  };
}
