/** Residual filters, evaluated on documents. */
import { compareValues } from './order.js';
import { valueAt } from './paths.js';
import type { Condition, KeyValue } from './port.js';

/** Whether a document meets every condition; an array path meets one when one of its elements does. */
export function matches(doc: unknown, where: Readonly<Record<string, Condition>>): boolean {
  return Object.entries(where).every(([path, condition]) => meets(valueAt(doc, path), condition));
}

function meets(value: unknown, condition: Condition): boolean {
  if (typeof condition === 'object' && 'exists' in condition) {
    return (value !== undefined && value !== null) === condition.exists;
  }
  return Array.isArray(value) ? value.some((element) => meetsOne(element, condition)) : meetsOne(value, condition);
}

function meetsOne(value: unknown, condition: Exclude<Condition, { readonly exists: boolean }>): boolean {
  if (typeof condition !== 'object') return value === condition;
  if (typeof value !== 'string' && typeof value !== 'number') return false;
  if ('in' in condition) return condition.in.includes(value);
  if ('prefix' in condition) return typeof value === 'string' && value.startsWith(condition.prefix);
  const { gte, gt, lt, lte } = condition;
  const against = (bound: KeyValue | undefined, holds: (order: number) => boolean) =>
    bound === undefined || (typeof bound === typeof value && holds(compareValues(value, bound)));
  return (
    against(gte, (order) => order >= 0) &&
    against(gt, (order) => order > 0) &&
    against(lt, (order) => order < 0) &&
    against(lte, (order) => order <= 0)
  );
}
