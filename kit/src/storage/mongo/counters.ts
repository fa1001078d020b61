/** Counting documents anew, to make counters and to verify them. */
import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { mongo } from 'mongoose';
import type { Collection } from '../collection.js';
import { pathsOfCounter } from '../entries.js';
import { type Doc, type KeyValue, StoreError } from '../port.js';
import { storedPath } from './documents.js';
import { hasCode } from './errors.js';
import { type CounterDoc, counterRow, countersId, type Collections, HEAD_ID } from './layout.js';

const SNAPSHOT: mongo.TransactionOptions = { readConcern: { level: 'snapshot' }, readPreference: 'primary' };
/** Counts written at once. */
const BATCH = 1_000;
/** NoSuchTransaction, TransactionExceededLifetimeLimitSeconds: what a transaction ends with that took longer than the server allows; or, sooner, by a failover. */
const TRANSACTION_ENDED = [251, 290];
const LONG = 20_000;

/**
 * Count a collection anew when its counters are declared differently than when they were made. In one transaction, which first changes the head: until it
 * is done nobody else commits, so none of its counts is old when it is written.
 */
export async function alignCounters(
  client: mongo.MongoClient,
  collections: Collections,
  { name, counters }: Pick<Collection<Doc>, 'name' | 'counters'>,
): Promise<void> {
  if (await isCounted(collections, { name, counters })) return;
  await client.withSession(async (session) => {
    const begun = performance.now();
    session.startTransaction({ ...SNAPSHOT, writeConcern: { w: 'majority', journal: true } });
    try {
      await collections.meta.updateOne({ _id: HEAD_ID }, { $inc: { turn: 1 } }, { session });
      await write(collections, { name, counters }, session);
      await session.commitTransaction();
    } catch (error) {
      if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
      throw performance.now() - begun > LONG && hasCode(error, ...TRANSACTION_ENDED) ? tookTooLong(name, error) : error;
    }
  });
}

function tookTooLong(name: string, cause: unknown): StoreError {
  return new StoreError(
    'UNAVAILABLE',
    `The documents of ${name} are too many to be counted anew within one transaction of the server: set its parameter ` +
      'transactionLifetimeLimitSeconds (60 as it is delivered) higher until this has started.',
    { cause },
  );
}

/** The same for a database that nobody else works on: outside a transaction, which the server would end after a minute. */
export async function countAnew(
  collections: Collections,
  collection: Pick<Collection<Doc>, 'name' | 'counters'>,
  session: mongo.ClientSession,
): Promise<void> {
  if (!(await isCounted(collections, collection))) await write(collections, collection, session);
}

/** What says how a collection's counters are declared. */
export function fingerprint(counters: Collection<Doc>['counters']): string {
  return createHash('sha256').update(JSON.stringify(counters)).digest('base64url');
}

async function isCounted(
  { meta }: Collections,
  { name, counters }: Pick<Collection<Doc>, 'name' | 'counters'>,
): Promise<boolean> {
  const known = await meta.findOne({ _id: countersId(name) });
  return known !== null && 'fingerprint' in known && known.fingerprint === fingerprint(counters);
}

async function write(
  { db, counters: stored, meta }: Collections,
  { name, counters }: Pick<Collection<Doc>, 'name' | 'counters'>,
  session: mongo.ClientSession,
): Promise<void> {
  await stored.deleteMany({ collection: name }, { session });
  const counts = await recount(db, name, counters, session);
  for (let from = 0; from < counts.length; from += BATCH) {
    await stored.insertMany(counts.slice(from, from + BATCH), { session });
  }
  const $set = { fingerprint: fingerprint(counters) };
  await meta.updateOne({ _id: countersId(name) }, { $set }, { session, upsert: true });
}

/** The counts that a collection's documents make. */
export async function recount(
  db: mongo.Db,
  name: string,
  counters: Collection<Doc>['counters'],
  session: mongo.ClientSession,
): Promise<CounterDoc[]> {
  const all: CounterDoc[] = [];
  for (const [counter, spec] of Object.entries(counters)) {
    const paths = pathsOfCounter(spec).map(storedPath);
    const rows = db
      .collection(name)
      .aggregate<{ _id: Record<string, KeyValue>; count: number }>(entriesPipeline(paths), {
        session,
        allowDiskUse: true,
      });
    for await (const { _id, count } of rows) {
      const entry = paths.map((_, index) => _id[`v${index}`] ?? '');
      all.push({ ...counterRow(name, counter, entry), count });
    }
  }
  return all;
}

/** Each different element of an array counts once, null and what is missing not at all. */
function entriesPipeline(paths: readonly string[]): mongo.Document[] {
  const names = paths.map((_, index) => `v${index}`);
  const values = paths.map((path, index) => {
    const value = `$${path}`;
    return [`v${index}`, { $cond: [{ $isArray: value }, { $setUnion: [value, []] }, value] }] as const;
  });
  return [
    { $project: { _id: 0, ...Object.fromEntries(values) } },
    ...names.map((name) => ({ $unwind: `$${name}` })),
    { $match: Object.fromEntries(names.map((name) => [name, { $type: ['string', 'number'] }] as const)) },
    { $group: { _id: Object.fromEntries(names.map((name) => [name, `$${name}`] as const)), count: { $sum: 1 } } },
  ];
}
