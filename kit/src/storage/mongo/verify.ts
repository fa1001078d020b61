/** Recounting what is derived from the documents. The keys are the server's own indexes and need none. */
import type { mongo } from 'mongoose';
import type { Collection } from '../collection.js';
import type { Doc } from '../port.js';
import { recount } from './counters.js';
import { type Collections, HEAD_ID, type HeadDoc } from './layout.js';

/** Most differences told per collection: a broken counter may differ everywhere. */
const TOLD = 10;

/** What is wrong, as sentences; empty when all is right. Reads every document, on one state of the database: for operators and tests, not for requests. */
export async function verifyDatabase(
  client: mongo.MongoClient,
  collections: Collections,
  declared: readonly Collection<Doc>[],
): Promise<string[]> {
  return client.withSession(async (session) => {
    session.startTransaction({ readConcern: { level: 'snapshot' }, readPreference: 'primary' });
    try {
      return await verifyState(collections, declared, session);
    } finally {
      await session.abortTransaction().catch(() => undefined);
    }
  });
}

/** The same within a session of the caller: without a transaction where nobody changes the database. */
export async function verifyState(
  collections: Collections,
  declared: readonly Collection<Doc>[],
  session: mongo.ClientSession,
): Promise<string[]> {
  const wrong = await verifyLog(collections, session);
  for (const collection of declared) wrong.push(...(await verifyCounters(collections, collection, session)));
  return wrong;
}

async function verifyLog({ meta, events }: Collections, session: mongo.ClientSession): Promise<string[]> {
  const facts = (await meta.findOne({ _id: HEAD_ID }, { session })) as HeadDoc | null;
  if (!facts) return ['The log has no head.'];
  const { head, floors } = facts;
  const [last] = await events
    .find({}, { session, projection: { _id: 1 } })
    .sort({ _id: -1 })
    .limit(1)
    .toArray();
  const wrong: string[] = [];
  if ((last?._id ?? 0) > head) wrong.push(`The log's head is ${head}, but it holds an event at ${last?._id}.`);
  const low = Math.max(floors.history, floors.passing);
  const count = await events.countDocuments({ _id: { $gt: low } }, { session });
  if (count !== head - low)
    wrong.push(`The log has ${count} events above ${low} where its head of ${head} says ${head - low}.`);
  return wrong;
}

async function verifyCounters(
  { db, counters }: Collections,
  collection: Collection<Doc>,
  session: mongo.ClientSession,
): Promise<string[]> {
  const difference = new Map<string, number>();
  const add = (id: string, delta: number) => difference.set(id, (difference.get(id) ?? 0) + delta);
  for (const { _id, count } of await recount(db, collection.name, collection.counters, session)) add(_id, count);
  for await (const { _id, count } of counters.find({ collection: collection.name }, { session })) add(_id, -count);
  return [...difference]
    .filter(([, delta]) => delta !== 0)
    .slice(0, TOLD)
    .map(([id, delta]) => {
      const [, counter, ...entry] = JSON.parse(id) as [string, string, ...unknown[]];
      const how = delta > 0 ? 'short' : 'over';
      return `Counter ${counter} of ${collection.name} is ${how} by ${Math.abs(delta)} at ${JSON.stringify(entry)}.`;
    });
}
