/** The databases of a story on MongoDB, seen from outside the services. */
import { closeStores, openStores } from '@numberyard/launcher/stores';
import type { Store } from '@numberyard/kit/storage/port';
import { mongo } from 'mongoose';

export interface OpenDatabases {
  store(subgraph: string): Store;
  /** Every document of every collection, by `<database>.<collection>`. */
  content(): Promise<[name: string, content: Buffer][]>;
  close(): Promise<void>;
}

/** @param uri its path is what the names of the databases begin with */
export async function openDatabases(uri: string): Promise<OpenDatabases> {
  const stores = await openStores({ data: '', mongodbUri: uri });
  return {
    store(subgraph) {
      const store = Object.values(stores).find(({ name }) => name === subgraph);
      if (!store) throw new Error(`there is no subgraph ${subgraph}`);
      return store;
    },
    content: () => contentOf(uri),
    close: () => closeStores(stores),
  };
}

/** @param uri as of {@link openDatabases} */
export async function contentOf(uri: string): Promise<[name: string, content: Buffer][]> {
  const prefix = new URL(uri).pathname.slice(1);
  const client = await mongo.MongoClient.connect(uri);
  try {
    const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
    const own = databases.filter(({ name }) => name.startsWith(`${prefix}_`));
    const collections = await Promise.all(own.map(({ name }) => client.db(name).collections()));
    return await Promise.all(
      collections.flat().map(async (collection): Promise<[string, Buffer]> => {
        const documents = await collection.find().toArray();
        return [collection.namespace, Buffer.concat(documents.map((document) => mongo.BSON.serialize(document)))];
      }),
    );
  } finally {
    await client.close();
  }
}
