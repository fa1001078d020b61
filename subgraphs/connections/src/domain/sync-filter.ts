/** Which registered users a data sync deals with; the others are left alone, whatever is said of them. */
import { normaliseNumber } from '@numberyard/schema/number';
import type { ConnectionsRefusal } from './refusals.js';

export type SyncFilterAttribute = 'AOR' | 'NUMBER' | 'SBC';
export type SyncFilterOperator = 'IN' | 'NOT_IN' | 'STARTS_WITH';

export interface SyncFilterCondition {
  readonly attribute: SyncFilterAttribute;
  readonly operator: SyncFilterOperator;
  readonly values: readonly string[];
}

/** What conditions look at, of a listed user or a mirrored one. */
export interface FilteredUser {
  readonly aor: string;
  /** Absent when the user part of the address of record is no number. */
  readonly number?: string;
  readonly sbcName: string;
}

const MOST_CONDITIONS = 10;
const MOST_VALUES = 100;
/** Of a value, characters: as long as an address of record may be. */
const LONGEST_VALUE = 512;

/** Whether a user meets every condition; the texts are compared letter by letter. A user without a number is one of no numbers. */
export function meetsAll(conditions: readonly SyncFilterCondition[], user: FilteredUser): boolean {
  return conditions.every((condition) => meets(condition, user));
}

function meets({ attribute, operator, values }: SyncFilterCondition, user: FilteredUser): boolean {
  const text = attributeOf(user, attribute);
  if (operator === 'NOT_IN') return text === undefined || !values.includes(text);
  if (text === undefined) return false;
  return operator === 'IN' ? values.includes(text) : values.some((value) => text.startsWith(value));
}

function attributeOf(user: FilteredUser, attribute: SyncFilterAttribute): string | undefined {
  if (attribute === 'AOR') return user.aor;
  return attribute === 'NUMBER' ? user.number : user.sbcName;
}

/** Conditions as they are kept: numbers in the one form that numbers are compared in. */
export function tidyFilter(conditions: readonly SyncFilterCondition[]): SyncFilterCondition[] {
  return conditions.map(({ attribute, operator, values }) => ({
    attribute,
    operator,
    values: values.map((value) => (attribute === 'NUMBER' ? value.replace(/^\\\+/, '+') : value)),
  }));
}

/** What is wrong with conditions, naming the condition, its field and the rule. */
export function checkFilter(conditions: readonly SyncFilterCondition[]): ConnectionsRefusal[] {
  if (conditions.length > MOST_CONDITIONS)
    return [refused('OUT_OF_RANGE', 'filter', `A filter has at most ${MOST_CONDITIONS} conditions.`)];
  return conditions.flatMap((condition, index) => checkCondition(condition, `filter.${index}.values`));
}

function checkCondition({ attribute, operator, values }: SyncFilterCondition, field: string): ConnectionsRefusal[] {
  if (values.length === 0) return [refused('REQUIRED', field, 'A condition needs at least one value.')];
  if (values.length > MOST_VALUES)
    return [refused('OUT_OF_RANGE', field, `A condition has at most ${MOST_VALUES} values.`)];
  if (values.some((value) => value === ''))
    return [refused('REQUIRED', field, 'An empty value is met by nobody, or by everybody.')];
  if (values.some((value) => value.length > LONGEST_VALUE))
    return [refused('OUT_OF_RANGE', field, `A value has at most ${LONGEST_VALUE} characters.`)];
  if (new Set(values).size < values.length) return [refused('INVALID', field, 'A value is named twice.')];
  const odd = attribute === 'NUMBER' ? values.find((value) => !isNumber(value, operator)) : undefined;
  if (odd === undefined) return [];
  const rule =
    operator === 'STARTS_WITH'
      ? 'no number begins with it: a number is 1 to 20 digits with an optional leading plus.'
      : 'this is no number: 1 to 20 digits with an optional leading plus.';
  return [refused('INVALID', field, `${JSON.stringify(odd.slice(0, 40))}: ${rule}`)];
}

function isNumber(value: string, operator: SyncFilterOperator): boolean {
  if (operator === 'STARTS_WITH' && /^\\?\+$/.test(value)) return true;
  return normaliseNumber(value) !== undefined;
}

function refused(code: ConnectionsRefusal['code'], field: string, message: string): ConnectionsRefusal {
  return { code, message, field };
}
