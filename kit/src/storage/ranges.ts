/** Ranges of key values. */
import { afterPrefix, compareValues } from './order.js';
import type { Condition, KeyValue } from './port.js';

/** Bounds of one path; numbers stand before all strings, so a range of one type is closed against the other. */
export interface Range {
  readonly low?: Bound;
  readonly high?: Bound;
}

export interface Bound {
  readonly value: KeyValue;
  readonly inclusive: boolean;
}

/** No string stands before it, every number does. */
const FIRST_STRING = '';

/** Holds nothing. */
const EMPTY: Range = {
  low: { value: FIRST_STRING, inclusive: false },
  high: { value: FIRST_STRING, inclusive: false },
};

/** The range of a prefix or of bounds. */
export function rangeOf(
  condition: Exclude<
    Condition,
    KeyValue | boolean | { readonly exists: boolean } | { readonly in: readonly KeyValue[] }
  >,
): Range {
  if ('prefix' in condition) {
    const end = afterPrefix(condition.prefix);
    const low = { value: condition.prefix, inclusive: true };
    return end === undefined ? { low } : { low, high: { value: end, inclusive: false } };
  }
  const { gte, gt, lt, lte } = condition;
  const types = new Set([gte, gt, lt, lte].flatMap((value) => (value === undefined ? [] : [typeof value])));
  if (types.size > 1) return EMPTY;
  const low = stricter(bound(gte, true), bound(gt, false), 1);
  const high = stricter(bound(lte, true), bound(lt, false), -1);
  if (typeof low?.value === 'number' && !high) return { low, high: { value: FIRST_STRING, inclusive: false } };
  if (typeof high?.value === 'string' && !low) return { low: { value: FIRST_STRING, inclusive: true }, high };
  return { ...(low && { low }), ...(high && { high }) };
}

function bound(value: KeyValue | undefined, inclusive: boolean): Bound | undefined {
  return value === undefined ? undefined : { value, inclusive };
}

/** The bound that lets less through, of two lower ones (`sign` 1) or two upper ones (-1). */
export function stricter(a: Bound | undefined, b: Bound | undefined, sign: 1 | -1): Bound | undefined {
  if (!a || !b) return a ?? b;
  const order = sign * compareValues(a.value, b.value);
  return order > 0 || (order === 0 && !a.inclusive) ? a : b;
}
