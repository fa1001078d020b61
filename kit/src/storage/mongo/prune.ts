/** Letting go of what is kept for a time only. */
import type { mongo } from 'mongoose';
import type { Instant } from '../port.js';
import { type Collections, HEAD_ID, type HeadDoc } from './layout.js';

export interface PruneOrder {
  readonly before: Instant;
  readonly upTo: number;
  readonly limit: number;
  /** Requests recorded before this instant are past their seven days. */
  readonly requestsBefore: Instant;
}

/**
 * Remove at most `limit` rows: requests first, then passing events from the oldest on, up to the first that is too young. The floor moves with
 * them in the same transaction.
 */
export async function pruneDatabase(
  client: mongo.MongoClient,
  collections: Collections,
  order: PruneOrder,
): Promise<number> {
  const requests = await pruneRequests(collections, order);
  const limit = order.limit - requests;
  if (limit <= 0) return requests;
  return client.withSession(async (session) => {
    session.startTransaction({
      readConcern: { level: 'snapshot' },
      writeConcern: { w: 'majority', journal: true },
      readPreference: 'primary',
    });
    try {
      const events = await pruneEvents(collections, { ...order, limit }, session);
      await session.commitTransaction();
      return requests + events;
    } catch (error) {
      if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
      throw error;
    }
  });
}

async function pruneRequests({ requests }: Collections, { requestsBefore, limit }: PruneOrder): Promise<number> {
  const old = { time: { $lt: requestsBefore } };
  const found = await requests
    .find(old, { projection: { _id: 1 } })
    .sort({ time: 1 })
    .limit(limit)
    .toArray();
  if (found.length === 0) return 0;
  // The time again: the same request may have been recorded anew meanwhile.
  const { deletedCount } = await requests.deleteMany({ _id: { $in: found.map(({ _id }) => _id) }, ...old });
  return deletedCount;
}

async function pruneEvents(
  { meta, events }: Collections,
  { before, upTo, limit }: PruneOrder,
  session: mongo.ClientSession,
): Promise<number> {
  const head = (await meta.findOne({ _id: HEAD_ID }, { session })) as HeadDoc | null;
  const rows = await events
    .find(
      { retention: 'passing', _id: { $gt: head?.floors.passing ?? 0, $lte: upTo } },
      { session, hint: 'passing', projection: { time: 1 }, batchSize: limit + 1 },
    )
    .sort({ _id: 1 })
    .limit(limit)
    .toArray();
  const young = rows.findIndex(({ time }) => String(time) >= before);
  const old = (young < 0 ? rows : rows.slice(0, young)).map(({ _id }) => _id);
  const last = old.at(-1);
  if (last === undefined) return 0;
  await events.deleteMany({ _id: { $in: old } }, { session });
  await meta.updateOne({ _id: HEAD_ID }, { $set: { 'floors.passing': last }, $inc: { turn: 1 } }, { session });
  return old.length;
}
