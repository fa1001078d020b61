/** The closed set of reasons this subgraph refuses a change for; the schema's `UserErrorCode` lists the same. */
import type { Outcome, Refusal } from '@numberyard/kit/graph/refusal';

export type RefusalCode =
  | 'INVALID'
  | 'OUT_OF_RANGE'
  | 'REQUIRED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'WRONG_NODE_TYPE'
  | 'NUMBER_NOT_AVAILABLE'
  | 'NUMBER_NOT_RESERVED'
  | 'NUMBER_NOT_COOLING'
  | 'NUMBER_OWNED_BY_DEVICE'
  | 'NUMBER_NOT_ASSIGNED'
  | 'NO_NUMBER_AVAILABLE'
  | 'NUMBER_MANAGEMENT_OFF'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'DIAL_PLAN'
  | 'OTHER_CUSTOMER'
  | 'NOT_GRANTABLE'
  | 'NODE_IN_USE';

const MOST_DAYS = 999;

export type Reason = Refusal<RefusalCode>;
export type Result<T> = Outcome<T, RefusalCode>;

export function reason(code: RefusalCode, message: string, field?: string): Reason {
  return field === undefined ? { code, message } : { code, message, field };
}

/** What does not exist and what the caller may not see are refused alike. */
export function notFound(what: string, field: string): Reason {
  return reason('NOT_FOUND', `There is no such ${what}.`, field);
}

/** Why a text does not fit, if so: it has to have 1 to `most` characters once trimmed. */
export function textProblem(value: string, field: string, most: number): Reason[] {
  const length = value.trim().length;
  if (length === 0) return [reason('REQUIRED', 'This must not be empty.', field)];
  if (!isStorable(value)) return [unstorable(field)];
  return length > most ? [reason('OUT_OF_RANGE', `This may have at most ${most} characters.`, field)] : [];
}

/** Why an optional text does not fit, if so. */
export function optionalTextProblem(value: string | null | undefined, field: string, most: number): Reason[] {
  if (!value) return [];
  if (!isStorable(value)) return [unstorable(field)];
  return value.length > most ? [reason('OUT_OF_RANGE', `This may have at most ${most} characters.`, field)] : [];
}

/** Why a number of days does not fit, if so: whole days, "max 999" (Number Cooling). */
export function daysProblem(days: number | null | undefined, field: string): Reason[] {
  if (days == null || (Number.isInteger(days) && days >= 1 && days <= MOST_DAYS)) return [];
  return [reason('OUT_OF_RANGE', `This is 1 to ${MOST_DAYS} whole days.`, field)];
}

/**
 * Half a surrogate pair and NUL do not come back from every database as they went in, and stand in no key. Other control characters but for tabs and line
 * ends are no text, and each takes six characters in JSON, which a thousand descriptions would make more than one commit holds.
 */
function isStorable(value: string): boolean {
  return !/[\p{Surrogate}\p{Cc}]/u.test(value.replace(/[\t\r\n]/g, ''));
}

function unstorable(field: string): Reason {
  return reason('INVALID', 'This holds a character that cannot be kept.', field);
}
