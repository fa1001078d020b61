/**
 * Databases of their own for tests on MongoDB. Making collections and indexes costs a hundred times what emptying them costs, so databases are not dropped
 * when a test is done with them: the next test that declares the same finds them made and gets them empty.
 */
import { createHash } from 'node:crypto';
import { mongo } from 'mongoose';

/** A connection string whose path is what the names of a test's own databases begin with. */
export interface TestDatabases {
  readonly uri: string;
  /** That path. */
  readonly prefix: string;
  /** Leave them to the next. */
  release(): void;
}

/** The replica set to test on, when the tests run on MongoDB. Its path is what every database of the run begins with. */
export function testMongoUri(): string | undefined {
  return process.env['TEST_MONGODB_URI'];
}

const taken = new Set<string>();
let connected: Promise<mongo.MongoClient> | undefined;

/**
 * Empty databases nobody else uses until they are released.
 * @param kind whatever tells which collections and keys they will have; those of another kind are not reused
 */
export async function takeTestDatabases(kind: string): Promise<TestDatabases> {
  const base = testMongoUri();
  if (base === undefined) throw new Error('TEST_MONGODB_URI is not set: these tests need npm run test:mongo');
  const prefix = freePrefix(base, kind);
  taken.add(prefix);
  connected ??= mongo.MongoClient.connect(base);
  await empty(await connected, prefix);
  return { uri: withDatabase(base, prefix), prefix, release: () => void taken.delete(prefix) };
}

/** The connection string with another database in its path; whoever logs in still does so at the old one. */
export function withDatabase(uri: string, database: string): string {
  const [, server, old, options = ''] = /^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/.exec(uri) ?? [];
  if (!server) throw new Error('that is no connection string of MongoDB');
  const query = new URLSearchParams(options);
  if (server.includes('@') && !query.has('authSource')) query.set('authSource', old || 'admin');
  return `${server}/${database}${query.size > 0 ? `?${query}` : ''}`;
}

/** Test files that run at the same time have pool ids of their own, so that they never meet; those after each other reuse. */
function freePrefix(base: string, kind: string): string {
  const run = /^[^/]+\/\/[^/?]+\/([^?]*)/.exec(base)?.[1] ?? '';
  const worker = process.env['VITEST_POOL_ID'] ?? `p${process.pid}`;
  const hash = createHash('sha256').update(kind).digest('hex').slice(0, 8);
  for (let index = 0; ; index += 1) {
    const prefix = `${run}_${worker}_${hash}_${index}`;
    if (!taken.has(prefix)) return prefix;
  }
}

async function empty(client: mongo.MongoClient, prefix: string): Promise<void> {
  const filter = { name: { $regex: `^${prefix}_` } };
  const { databases } = await client.db('admin').command({ listDatabases: 1, nameOnly: true, filter });
  await Promise.all(
    (databases as { name: string }[]).map(async ({ name }) => {
      const collections = await client.db(name).collections();
      // Acknowledged by a majority, because that is what stores read.
      const writeConcern = { w: 'majority' } as const;
      await Promise.all(collections.map((collection) => collection.deleteMany({}, { writeConcern })));
    }),
  );
}
