/**
 * What lies between two positions of a key, as boxes: each has its leading paths fixed, the next one within a range and the others free, and so is one
 * stretch of the index with exact bounds.
 */
import type { KeyValue } from '../port.js';
import type { Range } from '../ranges.js';

export interface Box {
  readonly fixed: readonly KeyValue[];
  /** Of the path after those that are fixed; absent when all are. */
  readonly range?: Range;
}

/** One end of a stretch of a key. */
export interface End {
  readonly values: readonly KeyValue[];
  readonly inclusive: boolean;
}

/**
 * The boxes between two ends, in ascending order.
 * @param paths how many paths the positions are made of
 */
export function boxesBetween(paths: number, low?: End, high?: End, fixed: readonly KeyValue[] = []): Box[] {
  if (fixed.length === paths) return low?.inclusive !== false && high?.inclusive !== false ? [{ fixed }] : [];
  const from = low?.values[fixed.length];
  const to = high?.values[fixed.length];
  const isLast = fixed.length === paths - 1;
  if (from !== undefined && from === to) return boxesBetween(paths, low, high, [...fixed, from]);
  const range = {
    ...(low && from !== undefined && { low: { value: from, inclusive: isLast && low.inclusive } }),
    ...(high && to !== undefined && { high: { value: to, inclusive: isLast && high.inclusive } }),
  };
  if (isLast) return [{ fixed, range }];
  return [
    ...(from === undefined ? [] : boxesBetween(paths, low, undefined, [...fixed, from])),
    { fixed, range },
    ...(to === undefined ? [] : boxesBetween(paths, undefined, high, [...fixed, to])),
  ];
}
