/** Letting go of what is kept for a time only. */
import type { mongo } from 'mongoose';
import type { Instant } from '../port.js';
import { type Collections, HEAD_ID } from './layout.js';

export interface PruneOrder {
  readonly before: Instant;
  readonly upTo: number;
  readonly limit: number;
  /** Requests recorded before this instant are past their seven days. */
  readonly requestsBefore: Instant;
}

/** Remove at most `limit` rows: requests first, then passing events from the oldest on, up to the first that is too young. */
export async function pruneDatabase(
  collections: Collections,
  order: PruneOrder,
  session: mongo.ClientSession,
): Promise<number> {
  const requests = await pruneRequests(collections, order, session);
  const limit = order.limit - requests;
  return limit > 0 ? requests + (await pruneEvents(collections, { ...order, limit }, session)) : requests;
}

async function pruneRequests(
  { requests }: Collections,
  { requestsBefore, limit }: PruneOrder,
  session: mongo.ClientSession,
): Promise<number> {
  const old = { time: { $lt: requestsBefore } };
  const found = await requests
    .find(old, { session, projection: { _id: 1 }, batchSize: limit + 1 })
    .sort({ time: 1 })
    .limit(limit)
    .toArray();
  if (found.length === 0) return 0;
  // The time again: the same request may have been recorded anew meanwhile.
  const { deletedCount } = await requests.deleteMany(
    { _id: { $in: found.map(({ _id }) => _id) }, ...old },
    { session },
  );
  return deletedCount;
}

/**
 * The floor is raised first, so that nobody finds a gap above it. Not in one transaction: it would fail whenever a group of commits came in between, and
 * under load one always does. What a prune that was killed in between leaves below the floor is found by the next one.
 */
async function pruneEvents(
  { meta, events }: Collections,
  { before, upTo, limit }: PruneOrder,
  session: mongo.ClientSession,
): Promise<number> {
  const rows = await events
    .find(
      { retention: 'passing', _id: { $lte: upTo } },
      { session, hint: 'passing', projection: { time: 1 }, batchSize: limit + 1 },
    )
    .sort({ _id: 1 })
    .limit(limit)
    .toArray();
  const young = rows.findIndex(({ time }) => String(time) >= before);
  const old = (young < 0 ? rows : rows.slice(0, young)).map(({ _id }) => _id);
  const last = old.at(-1);
  if (last === undefined) return 0;
  await meta.updateOne({ _id: HEAD_ID }, { $max: { 'floors.passing': last }, $inc: { turn: 1 } }, { session });
  const { deletedCount } = await events.deleteMany({ _id: { $in: old } }, { session });
  return deletedCount;
}
