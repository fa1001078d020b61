/** Which rows of a table that says little of storage are run on MongoDB. */
import { testMongoUri } from './mongo.js';

/**
 * All of them on the embedded engine. On MongoDB, where a row takes many times as long, the first of each kind: rows of a kind have to ask the same of the
 * store, so that the others would show what they show on the embedded engine.
 */
export function representative<Row>(rows: readonly Row[], kindOf: (row: Row) => string): readonly Row[] {
  if (testMongoUri() === undefined) return rows;
  const kinds = new Set<string>();
  return rows.filter((row) => {
    const kind = kindOf(row);
    const isFirst = !kinds.has(kind);
    kinds.add(kind);
    return isFirst;
  });
}
