/** Reserve numbers and end reservations ("Number Reservation": while reserved not assignable to any device or line). */
import { daysProblem, optionalTextProblem } from '../domain/refusals.js';
import { mustBeAvailable, mustBeReserved } from '../domain/rules.js';
import { reserve, unreserve } from '../domain/transitions.js';
import { changeEach, commitOfEach, type ChangedNumbers } from './change-each.js';
import { byCaller, type Caller, type Deps } from './context.js';

const LONGEST_NOTES = 1000;

export interface ReserveInput {
  readonly ids: readonly string[];
  readonly notes?: string | null;
  readonly days?: number | null;
}

/** Refuses NUMBER_NOT_AVAILABLE and NOT_FOUND for single numbers; OUT_OF_RANGE and REQUIRED for the whole input. */
export function reserveNumbers(deps: Deps, caller: Caller, input: ReserveInput): Promise<ChangedNumbers> {
  const { days } = input;
  const notes = input.notes?.trim();
  const problems = [...optionalTextProblem(notes, 'notes', LONGEST_NOTES), ...daysProblem(days, 'days')];
  const options = { ...(notes && { notes }), ...(days != null && { days }) };
  return changeEach(deps, caller, input.ids, problems, {
    judge: mustBeAvailable,
    write: (numbers, now) => commitOfEach(numbers, (number) => reserve(number, now, options), byCaller(caller), now),
  });
}

/** Refuses NUMBER_NOT_RESERVED and NOT_FOUND for single numbers. */
export function unreserveNumbers(deps: Deps, caller: Caller, ids: readonly string[]): Promise<ChangedNumbers> {
  return changeEach(deps, caller, ids, [], {
    judge: mustBeReserved,
    write: (numbers, now) => commitOfEach(numbers, (number) => unreserve(number, now), byCaller(caller), now),
  });
}
