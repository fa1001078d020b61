/** Opening the MongoDB engine. */
import type { Clock } from '../../clock/clock.js';
import type { Collection } from '../collection.js';
import { refuseUnfinished, UNFINISHED } from '../copy/mark.js';
import { type Doc, type Store, StoreError } from '../port.js';
import { Preparer } from '../prepare.js';
import { alignDatabase } from './align.js';
import { connectMongo } from './connection.js';
import { asStoreError } from './errors.js';
import { Collections, HEAD_ID, type HeadDoc } from './layout.js';
import { Patience } from './patience.js';
import { MongoStore } from './store.js';

export interface MongoOptions {
  /** Of a replica set. The databases are named `<path of the URI, or numberyard>_<name>`, with `_` for `-`. */
  readonly uri: string;
  /** Name of the owning subgraph. */
  readonly name: string;
  readonly collections: readonly Collection<Doc>[];
  /** Dates the request records; the process's clock by default. */
  readonly clock?: Pick<Clock, 'now'>;
  readonly logger?: { warn(facts: object, message: string): void };
}

/**
 * Open a subgraph's database, made when missing; indexes and counters are made as declared, which takes a while for large collections. Any number of
 * processes may have it open.
 * @throws StoreError whose message says what to do: INVALID when waiting mends nothing (a wrong URI, a refused user, a server that is no replica set,
 *   stored documents that do not fit a key that is now unique), UNAVAILABLE when trying again later may (no primary is reached)
 */
export async function openMongoStore(options: MongoOptions): Promise<Store> {
  const { uri, name, logger, collections: declared } = options;
  if (!/^[a-z][a-z0-9-]{0,23}$/.test(name)) throw new StoreError('INVALID', `${name} is no fit name for a store`);
  const connected = await connectMongo(uri, name);
  try {
    const collections = new Collections(connected.db);
    const copy = await collections.meta.findOne({ _id: UNFINISHED });
    if (copy && 'mark' in copy) refuseUnfinished(`The database ${connected.database}`, copy.mark);
    const patience = new Patience((error) => asStoreError(error, connected.hosts, connected.database));
    await alignDatabase(connected, collections, declared, patience);
    const head = (await collections.meta.findOne({ _id: HEAD_ID })) as HeadDoc | null;
    if (!head) throw new StoreError('UNAVAILABLE', `The database ${connected.database} was removed.`);
    return new MongoStore({
      name,
      connected,
      collections,
      declared,
      preparer: new Preparer(declared, () => (options.clock ?? Date).now()),
      patience,
      epoch: head.epoch,
      warn: (error, message) => logger?.warn({ err: error, store: name }, message),
    });
  } catch (error) {
    await connected.connection.close(true).catch(() => undefined);
    throw asStoreError(error, connected.hosts, connected.database);
  }
}
