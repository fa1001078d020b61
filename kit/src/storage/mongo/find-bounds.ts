/** Conditions on one path of a key, so that the planner makes exact bounds of an index out of them. */
import type { Condition, KeyValue } from '../port.js';
import { type Range, rangeOf } from '../ranges.js';
import type { PathType } from '../path-types.js';

/** A condition of MongoDB on one path. */
export type Bounds =
  | { readonly $in: readonly KeyValue[] }
  | {
      readonly $eq?: KeyValue;
      readonly $gt?: KeyValue;
      readonly $gte?: KeyValue;
      readonly $lt?: KeyValue;
      readonly $lte?: KeyValue;
    };

/** Holds for no value. */
export const NOTHING: Bounds = { $in: [] };

/** Every value of a type. Tells the planner too that the path is there, without which it takes no partial index. */
const EVERY: Readonly<Record<PathType['of'], Bounds>> = { string: { $gte: '' }, number: { $gte: -Infinity } };

/** The server compares values of one type only, so bounds of the other type, between which all or nothing lies, are left out. */
export function boundsOf({ low, high }: Range, of: PathType['of']): Bounds {
  if (of === 'string' && typeof high?.value === 'number') return NOTHING;
  if (of === 'number' && typeof low?.value === 'string') return NOTHING;
  const bounds = {
    ...(low && typeof low.value === of && { [low.inclusive ? '$gte' : '$gt']: low.value }),
    ...(high && typeof high.value === of && { [high.inclusive ? '$lte' : '$lt']: high.value }),
  };
  return Object.keys(bounds).length > 0 ? bounds : EVERY[of];
}

/** What a path of a key, which is neither missing nor an array, has to be for a condition to be met. */
export function boundsOfCondition(condition: Condition, of: PathType['of']): Bounds {
  if (typeof condition === 'boolean') return NOTHING;
  if (typeof condition !== 'object') return { $eq: condition };
  if ('exists' in condition) return condition.exists ? EVERY[of] : NOTHING;
  if ('in' in condition) return { $in: condition.in };
  return boundsOf(rangeOf(condition), of);
}
