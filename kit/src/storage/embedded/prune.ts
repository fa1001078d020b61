/** Letting go of what is kept for a time only. */
import type { Instant } from '../port.js';
import { type Database, rollBack } from './binding.js';
import type { Meta } from './meta.js';

export interface PruneOrder {
  readonly before: Instant;
  readonly upTo: number;
  readonly limit: number;
  /** Requests recorded before this instant are past their seven days. */
  readonly requestsBefore: Instant;
}

/**
 * Remove at most `limit` rows: requests first, then passing events from the oldest on, up to the first that is too young. The floor moves
 * with them in the same transaction.
 */
export function prune(db: Database, meta: Meta, order: PruneOrder): number {
  db.exec('BEGIN IMMEDIATE');
  try {
    const requests = db
      .prepare(
        `DELETE FROM requests WHERE (caller, mutation, key) IN
           (SELECT caller, mutation, key FROM requests WHERE time < ? ORDER BY time LIMIT ?)`,
      )
      .run(order.requestsBefore, order.limit);
    const rows = db
      .prepare(
        `SELECT position, time FROM log WHERE retention = 'passing' AND position > ? AND position <= ?
         ORDER BY position LIMIT ?`,
      )
      .all(meta.logState().floors.passing, order.upTo, order.limit - Number(requests.changes)) as {
      position: number;
      time: string;
    }[];
    const young = rows.findIndex(({ time }) => time >= order.before);
    const old = young < 0 ? rows : rows.slice(0, young);
    const remove = db.prepare('DELETE FROM log WHERE position = ?');
    for (const { position } of old) remove.run(position);
    const last = old.at(-1);
    if (last) meta.set('floor.passing', last.position);
    db.exec('COMMIT');
    return Number(requests.changes) + old.length;
  } catch (error) {
    rollBack(db);
    throw error;
  }
}
