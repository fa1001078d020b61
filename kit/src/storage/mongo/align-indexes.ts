/** Bringing the indexes of a declared collection in line with its keys. */
import { isDeepStrictEqual } from 'node:util';
import type { Model, mongo } from 'mongoose';
import type { Collection } from '../collection.js';
import { type Doc, StoreError } from '../port.js';
import { EMPTIES, NULLS, storedPath } from './documents.js';
import { isDuplicate } from './errors.js';
import { INDEX_PREFIX, indexName } from './indexes.js';

/**
 * Make the missing indexes, then drop ours that are declared no longer: programs of the version before go on using those until the new ones are there.
 * Only what stands in the way of a new one, with its name or its paths, goes before it. Indexes that do not bear our prefix are somebody else's.
 * @throws StoreError INVALID when stored documents do not fit a key that is now unique
 */
export async function alignIndexes(db: mongo.Db, model: Model<unknown>, { keys }: Collection<Doc>): Promise<void> {
  const collection = db.collection(model.collection.collectionName);
  const wanted = model.schema.indexes().map(([key, options]) => ({ ...options, key }) as mongo.IndexDescription);
  const ours = (await collection.indexes()).filter(({ name }) => name?.startsWith(INDEX_PREFIX));
  const isKnown = (index: mongo.IndexDescription) => ours.some((one) => isSame(index, one));
  const fresh = Object.entries(keys).filter(
    ([name]) => !wanted.some((one) => one.name === indexName(name) && isKnown(one)),
  );
  for (const path of new Set(fresh.flatMap(([, { paths }]) => paths))) await setAbsentAside(collection, path);

  const old = new Map(
    ours.filter((one) => !wanted.some((index) => isSame(index, one))).map((one) => [one.name ?? '', one]),
  );
  const drop = async (name: string) => {
    await collection.dropIndex(name);
    old.delete(name);
  };
  const inTheWay = (index: mongo.IndexDescription) =>
    [...old].filter(([name, one]) => name === index.name || hasSamePaths(index, one)).map(([name]) => name);
  if (wanted.length > 0 && wanted.every((index) => isKnown(index))) {
    // In one command: this is what every start but the first meets.
    await collection.createIndexes(wanted);
  } else {
    for (const index of wanted) {
      for (const name of inTheWay(index)) await drop(name);
      await make(collection, index);
    }
  }
  for (const name of [...old.keys()]) await drop(name);
}

/** Also where it is there, because it may be one that another process is still building: then this ends when that does. */
async function make(collection: mongo.Collection, index: mongo.IndexDescription): Promise<void> {
  try {
    await collection.createIndexes([index]);
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    const key = index.name?.slice(INDEX_PREFIX.length);
    throw new StoreError('INVALID', `Stored documents of ${collection.collectionName} do not fit the key ${key}.`, {
      cause: error,
    });
  }
}

/**
 * Documents stored while a path was in no key may have it as null or an empty array, which the index would take for values: put these where the codec
 * puts them. For whoever reads them nothing changes.
 */
async function setAbsentAside(collection: mongo.Collection, path: string): Promise<void> {
  const stored = storedPath(path);
  const value = `$${stored}`;
  // Both conditions say nearly the same. Only together they mean a value that is reached without passing an array, and no element of one.
  const absent = [
    { note: NULLS, filter: { [stored]: { $type: 'null' }, $expr: { $eq: [{ $type: value }, 'null'] } } },
    { note: EMPTIES, filter: { [stored]: { $size: 0 }, $expr: { $eq: [value, []] } } },
  ] as const;
  for (const { note, filter } of absent) {
    await collection.updateMany(filter, { $unset: { [stored]: '' }, $addToSet: { [note]: path } });
  }
}

function isSame(a: mongo.IndexDescription, b: mongo.IndexDescriptionInfo): boolean {
  return (
    a.name === b.name &&
    hasSamePaths(a, b) &&
    (a.unique ?? false) === (b.unique ?? false) &&
    isDeepStrictEqual(a.partialFilterExpression, b.partialFilterExpression)
  );
}

function hasSamePaths(a: mongo.IndexDescription, b: mongo.IndexDescriptionInfo): boolean {
  return isDeepStrictEqual(Object.entries(a.key), Object.entries(b.key));
}
