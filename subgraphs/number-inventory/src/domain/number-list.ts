/** The numbers a range or a list stands for ("Number Range Management": at most 1,000 per action, a single number is a range of one). */
import { normaliseNumber } from '@numberyard/schema/number';
import { reason, type Reason } from './refusals.js';

export const MOST_NUMBERS = 1000;

const FORM = 'A number has digits only, optionally after a leading plus.';

export interface NumberRange {
  readonly start: string;
  readonly end: string;
}

export type NumberList = { readonly numbers: readonly string[] } | { readonly refusals: readonly Reason[] };

/** Either a range or a list; with a list every entry that does not fit is named. */
export function numbersOf(input: {
  readonly range?: NumberRange | null;
  readonly numbers?: readonly string[] | null;
}): NumberList {
  if (input.range && input.numbers) return refuse(reason('INVALID', 'Give a range or a list, not both.', 'numbers'));
  if (input.range) return expand(input.range);
  if (input.numbers) return listed(input.numbers);
  return refuse(reason('REQUIRED', 'Give a range or a list of numbers.', 'range'));
}

function expand(range: NumberRange): NumberList {
  const start = normaliseNumber(range.start);
  const end = normaliseNumber(range.end);
  if (start === undefined || end === undefined) {
    return refuse(
      ...(start === undefined ? [reason('INVALID', FORM, 'range.start')] : []),
      ...(end === undefined ? [reason('INVALID', FORM, 'range.end')] : []),
    );
  }
  const plus = start.startsWith('+') ? '+' : '';
  if (start.length !== end.length || (plus === '+') !== end.startsWith('+')) {
    return refuse(
      reason('INVALID', 'Start and end must have the same length and both a leading plus or none.', 'range.end'),
    );
  }
  const digits = start.length - plus.length;
  const first = BigInt(start.slice(plus.length));
  const count = BigInt(end.slice(plus.length)) - first + 1n;
  if (count < 1n) return refuse(reason('OUT_OF_RANGE', 'The end must not come before the start.', 'range.end'));
  if (count > MOST_NUMBERS) return refuse(tooMany('range.end'));
  const numbers = Array.from({ length: Number(count) }, (_, index) => {
    return plus + String(first + BigInt(index)).padStart(digits, '0');
  });
  return { numbers };
}

function listed(list: readonly string[]): NumberList {
  if (list.length === 0) return refuse(reason('REQUIRED', 'The list must not be empty.', 'numbers'));
  if (list.length > MOST_NUMBERS) return refuse(tooMany('numbers'));
  const normalised = list.map(normaliseNumber);
  const refusals = normalised.flatMap((number, index) =>
    number === undefined ? [reason('INVALID', FORM, `numbers.${index}`)] : [],
  );
  if (refusals.length > 0) return { refusals };
  return { numbers: [...new Set(normalised.filter((number) => number !== undefined))] };
}

function tooMany(field: string): Reason {
  return reason('OUT_OF_RANGE', `At most ${MOST_NUMBERS} numbers may be added at once.`, field);
}

function refuse(...refusals: Reason[]): NumberList {
  return { refusals };
}

/** Why a list of ids does not fit, if so. */
export function idsProblem(ids: readonly string[]): Reason[] {
  if (ids.length === 0) return [reason('REQUIRED', 'The list must not be empty.', 'ids')];
  return ids.length > MOST_NUMBERS ? [reason('OUT_OF_RANGE', `At most ${MOST_NUMBERS} ids may be given.`, 'ids')] : [];
}
