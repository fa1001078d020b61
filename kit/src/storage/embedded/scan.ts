/** Key scans as SQL: which stretch of an entry table a find reads, in which order. */
import type { KeySpec } from '../collection.js';
import { compareValues } from '../order.js';
import type { Find, KeyValue, PagePosition } from '../port.js';
import { type Bound, type Range, rangeOf } from '../ranges.js';
import { columns } from './layout.js';

/** Piece of a WHERE clause with its values. */
export interface Clause {
  readonly sql: string;
  readonly values: readonly KeyValue[];
}

/** One stretch of the key in which the leading columns are fixed. */
export interface Stretch {
  readonly equals: readonly KeyValue[];
  readonly next?: Range;
}

/**
 * The stretches a find reads, in its order. An `in` becomes one stretch per value, so that the page comes in key order and no stretch is
 * sorted; those before `after` are left out.
 */
export function stretches(find: Find): Stretch[] {
  const equals = find.equals ?? [];
  const { next } = find;
  if (!next) return [{ equals }];
  if (!('in' in next)) return [{ equals, next: rangeOf(next) }];
  const sign = find.descending ? -1 : 1;
  const reached = find.after?.[equals.length];
  return [...new Set(next.in)]
    .filter((value) => reached === undefined || sign * compareValues(value, reached) >= 0)
    .sort((a, b) => sign * compareValues(a, b))
    .map((value) => ({ equals: [...equals, value] }));
}

/** WHERE clause of a stretch from `after` on. */
export function clauseOf(
  stretch: Stretch,
  paths: number,
  after: PagePosition | undefined,
  descending: boolean,
): Clause {
  const names = columns(paths);
  const fixed = stretch.equals.length;
  const terms = names.slice(0, fixed).map((name) => `${name} = ?`);
  const values: KeyValue[] = [...stretch.equals];
  const column = names[fixed];
  let { low, high } = stretch.next ?? {};
  const here = after && stretch.equals.every((value, index) => value === after[index]);
  if (here) {
    // The position bounds the same side as the range does: given both, SQLite may start at the wider one, so only the nearer is given.
    const reached = after[fixed];
    const nearer = (side: Bound | undefined, sign: 1 | -1) =>
      reached !== undefined && (!side || sign * compareValues(reached, side.value) >= 0);
    const [side, sign] = descending ? ([high, -1] as const) : ([low, 1] as const);
    if (nearer(side, sign)) {
      if (descending) high = undefined;
      else low = undefined;
      const rest = [...names.slice(fixed), 'id'];
      terms.push(`(${rest.join(', ')}) ${descending ? '<' : '>'} (${rest.map(() => '?').join(', ')})`);
      values.push(...after.slice(fixed));
    }
  }
  if (low && column) {
    terms.push(`${column} ${low.inclusive ? '>=' : '>'} ?`);
    values.push(low.value);
  }
  if (high && column) {
    terms.push(`${column} ${high.inclusive ? '<=' : '<'} ?`);
    values.push(high.value);
  }
  return { sql: terms.length > 0 ? `WHERE ${terms.join(' AND ')}` : '', values };
}

/** Conditions that the entries themselves can answer: those on paths of the key that hold no array. */
export function coveredClause(
  key: KeySpec,
  where: Find['where'],
  isScalar: (path: string) => boolean,
): Clause & { readonly paths: ReadonlySet<string> } {
  const terms: string[] = [];
  const values: KeyValue[] = [];
  const paths = new Set<string>();
  for (const [index, path] of key.paths.entries()) {
    const condition = where?.[path];
    if (condition === undefined || typeof condition === 'boolean' || !isScalar(path)) continue;
    const column = `v${index}`;
    if (typeof condition !== 'object') {
      terms.push(`${column} = ?`);
      values.push(condition);
    } else if ('exists' in condition) {
      terms.push(condition.exists ? 'true' : 'false');
    } else if ('in' in condition) {
      terms.push(`${column} IN (${condition.in.map(() => '?').join(', ')})`);
      values.push(...condition.in);
    } else {
      const clause = clauseOf({ equals: [], next: rangeOf(condition) }, 1, undefined, false);
      if (clause.sql) terms.push(clause.sql.slice('WHERE '.length).replaceAll('v0', column));
      values.push(...clause.values);
    }
    paths.add(path);
  }
  return { sql: terms.join(' AND '), values, paths };
}
