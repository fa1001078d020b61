import { mongo } from 'mongoose';

/** Drop the databases whose names begin with a prefix. */
export async function dropDatabases(uri: string, prefix: string): Promise<void> {
  const client = await mongo.MongoClient.connect(uri);
  try {
    const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
    const own = databases.filter(({ name }) => name.startsWith(prefix));
    await Promise.all(own.map(({ name }) => client.db(name).dropDatabase()));
  } finally {
    await client.close();
  }
}
