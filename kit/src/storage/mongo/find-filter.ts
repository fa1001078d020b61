/** Conditions on documents as the server can judge them: it may let more through than `matches`, which judges again, but never less. */
import type { Schema } from 'mongoose';
import { pathType } from '../path-types.js';
import { afterPrefix } from '../order.js';
import type { Condition } from '../port.js';
import { storedPath } from './documents.js';

/**
 * @param keyPaths paths of the index that is used
 * @returns conditions that all have to hold
 */
export function serverConditions(
  schema: Schema,
  where: Readonly<Record<string, Condition>>,
  keyPaths: readonly string[],
): Readonly<Record<string, unknown>>[] {
  return Object.entries(where).flatMap(([path, condition]) => {
    const isScalar = pathType(schema, path)?.inArray === false;
    const expression = expressionOf(condition, isScalar);
    if (expression === undefined) return [];
    const filter = { [storedPath(path)]: expression };
    // The planner never takes bounds out of $nor; from a second condition on a path of arrays it might take the index's bounds, and then has to sort.
    return keyPaths.includes(path) ? [{ $nor: [{ $nor: [filter] }] }] : [filter];
  });
}

function expressionOf(condition: Condition, isScalar: boolean): unknown {
  if (typeof condition !== 'object') return { $eq: condition };
  // To the server an array exists or is null when one of its elements does or is.
  if ('exists' in condition) return isScalar ? (condition.exists ? { $ne: null } : { $eq: null }) : undefined;
  if ('in' in condition) return { $in: condition.in };
  if ('prefix' in condition) {
    const end = afterPrefix(condition.prefix);
    return { $gte: condition.prefix, ...(end !== undefined && { $lt: end }) };
  }
  const bounds = Object.entries(condition).flatMap(([name, bound]) =>
    bound === undefined ? [] : [[`$${name}`, bound]],
  );
  return bounds.length > 0 ? Object.fromEntries(bounds) : { $type: ['string', 'number'] };
}
