/** Bringing a database in line with what the program declares: collections, indexes, head, counters. Any number of replicas may do it at once. */
import { randomBytes } from 'node:crypto';
import type { Model, mongo } from 'mongoose';
import type { Collection } from '../collection.js';
import { type Doc, StoreError } from '../port.js';
import { alignIndexes } from './align-indexes.js';
import type { Connected } from './connection.js';
import { alignCounters } from './counters.js';
import { asStoreError, hasCode, isDuplicate, troubleOf } from './errors.js';
import { type Collections, FORMAT, FORMER_INDEXES, HEAD_ID, type HeadDoc, INTERNAL_INDEXES } from './layout.js';
import { modelsOf } from './models.js';
import { type Patience, READ_TERM } from './patience.js';

const NAMESPACE_EXISTS = 48;
const INDEX_NOT_FOUND = 27;
/**
 * Somebody else has just made or dropped what we were about to, or is still about it: IndexOptionsConflict, IndexKeySpecsConflict, IndexBuildAborted,
 * IndexAlreadyExists, BackgroundOperationInProgressForNamespace.
 */
const INDEX_RACES = [85, 86, 276, 68, 12587];
/** How long the slot of a committer that is gone is kept, milliseconds: far longer than anybody waits for an outcome. */
const SLOT_TERM = 24 * 60 * 60 * 1000;

/**
 * @throws StoreError INVALID when stored documents do not fit a key that is now unique, or the user lacks a right; UNAVAILABLE when the database is away
 *   or of another format
 */
export async function alignDatabase(
  connected: Connected,
  collections: Collections,
  declared: readonly Collection<Doc>[],
  patience: Patience,
): Promise<void> {
  const models = modelsOf(connected.connection, declared);
  const again = (error: unknown) => (hasCode(error, ...INDEX_RACES, INDEX_NOT_FOUND) ? 'RIVAL' : troubleOf(error));
  try {
    await patience.persist(
      READ_TERM,
      async () => {
        await makeCollections(connected.db, [...Object.keys(INTERNAL_INDEXES), ...models.map(nameOf)]);
        await makeHead(collections, connected.database);
        for (const [name, indexes] of Object.entries(INTERNAL_INDEXES)) {
          if (indexes.length > 0) await connected.db.collection(name).createIndexes([...indexes]);
          for (const former of FORMER_INDEXES[name] ?? []) await dropIndex(connected.db, name, former);
        }
        for (const [index, model] of models.entries()) {
          const collection = declared[index];
          if (collection) await alignIndexes(connected.db, model, collection);
        }
      },
      again,
    );
    for (const collection of declared) {
      await patience.persist(READ_TERM, () => alignCounters(connected.client, collections, collection));
    }
  } catch (error) {
    throw asStoreError(error, connected.hosts, connected.database);
  }
}

const nameOf = (model: Model<unknown>) => model.collection.collectionName;

async function dropIndex(db: mongo.Db, collection: string, name: string): Promise<void> {
  await db
    .collection(collection)
    .dropIndex(name)
    .catch((error: unknown) => {
      if (!hasCode(error, INDEX_NOT_FOUND)) throw error;
    });
}

/** A server of the 4.2 line makes none inside a transaction, and newer ones only slowly. */
async function makeCollections(db: mongo.Db, names: readonly string[]): Promise<void> {
  const there = new Set((await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name));
  for (const name of names) {
    if (there.has(name)) continue;
    await db.createCollection(name).catch((error: unknown) => {
      if (!hasCode(error, NAMESPACE_EXISTS)) throw error;
    });
  }
}

/** Mint what a new database needs; refuse one of another format. */
async function makeHead({ meta }: Collections, database: string): Promise<void> {
  const born: Omit<HeadDoc, '_id'> = {
    format: FORMAT,
    epoch: randomBytes(9).toString('base64url'),
    head: 0,
    floors: { history: 0, passing: 0 },
    removed: {},
    turn: 0,
    committers: {},
  };
  await meta.updateOne({ _id: HEAD_ID }, { $setOnInsert: born }, { upsert: true }).catch((error: unknown) => {
    // Two at once: the other one has made it.
    if (!isDuplicate(error)) throw error;
  });
  const head = (await meta.findOne({ _id: HEAD_ID })) as HeadDoc | null;
  if (head?.format !== FORMAT) {
    const format = head?.format ?? 'unknown';
    throw new StoreError(
      'UNAVAILABLE',
      `The database ${database} is of storage format ${format}; this program knows format ${FORMAT}.`,
    );
  }
  const before = new Date(Date.now() - SLOT_TERM).toISOString();
  const gone = Object.entries(head.committers).filter(([, { at }]) => at < before);
  if (gone.length === 0) return;
  await meta.updateOne(
    { _id: HEAD_ID },
    { $unset: Object.fromEntries(gone.map(([id]) => [`committers.${id}`, 1] as const)) },
  );
}
