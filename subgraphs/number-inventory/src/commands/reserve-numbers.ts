/** Reserve numbers and end reservations ("Number Reservation": while reserved not assignable to any device or line). */
import { optionalTextProblem, reason } from '../domain/refusals.js';
import { mustBeAvailable, mustBeReserved } from '../domain/rules.js';
import { reserve, unreserve, type Change } from '../domain/transitions.js';
import { saveNumber, type NumberDoc } from '../models/number.js';
import { changeEach, type ChangedNumbers } from './change-each.js';
import { byCaller, type By, type Caller, type Deps } from './context.js';
import { numberEvent } from './number-event.js';

const LONGEST_NOTES = 1000;
const MOST_DAYS = 999;

export interface ReserveInput {
  readonly ids: readonly string[];
  readonly notes?: string | null;
  readonly days?: number | null;
}

/** Refuses NUMBER_NOT_AVAILABLE and NOT_FOUND for single numbers; OUT_OF_RANGE and REQUIRED for the whole input. */
export function reserveNumbers(deps: Deps, caller: Caller, input: ReserveInput): Promise<ChangedNumbers> {
  const { notes, days } = input;
  const problems = [
    ...optionalTextProblem(notes, 'notes', LONGEST_NOTES),
    ...(days != null && (days < 1 || days > MOST_DAYS)
      ? [reason('OUT_OF_RANGE', `A reservation lasts 1 to ${MOST_DAYS} days.`, 'days')]
      : []),
  ];
  const options = { ...(notes && { notes }), ...(days != null && { days }) };
  return changeEach(deps, caller, input.ids, problems, mustBeAvailable, (numbers, now) =>
    commitOf(numbers, (number) => reserve(number, now, options), byCaller(caller), now),
  );
}

/** Refuses NUMBER_NOT_RESERVED and NOT_FOUND for single numbers. */
export function unreserveNumbers(deps: Deps, caller: Caller, ids: readonly string[]): Promise<ChangedNumbers> {
  return changeEach(deps, caller, ids, [], mustBeReserved, (numbers, now) =>
    commitOf(numbers, (number) => unreserve(number, now), byCaller(caller), now),
  );
}

function commitOf(numbers: readonly NumberDoc[], change: (number: NumberDoc) => Change, by: By, now: string) {
  const changes = numbers.map((number) => ({ ...change(number), version: number.version }));
  return {
    save: changes.map(({ next, version }) => saveNumber(next, version)),
    events: changes.map(({ next, event }) => numberEvent(event, next, by, now)),
    trusted: true,
  };
}
