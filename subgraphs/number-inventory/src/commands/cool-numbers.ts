/** Cooling by hand, and the end of any cooling ("Apply cooling" and "Remove from cooling", Number Cooling). */
import { daysProblem } from '../domain/refusals.js';
import { mustBeAvailable, mustBeCooling } from '../domain/rules.js';
import { endCooling, startCooling } from '../domain/transitions.js';
import { changeEach, commitOfEach, type ChangedNumbers } from './change-each.js';
import { byCaller, type Caller, type Deps } from './context.js';
import { coolingRules } from './cooling-rules.js';

export interface StartCoolingInput {
  readonly ids: readonly string[];
  readonly days?: number | null;
}

/** Refuses NUMBER_NOT_AVAILABLE and NOT_FOUND for single numbers; OUT_OF_RANGE and REQUIRED for the whole input. */
export function coolNumbers(deps: Deps, caller: Caller, { ids, days }: StartCoolingInput): Promise<ChangedNumbers> {
  return changeEach(deps, caller, ids, daysProblem(days, 'days'), {
    judge: mustBeAvailable,
    async write(numbers, now) {
      const paths = days == null ? numbers.map((number) => number.path) : [];
      const rules = await coolingRules(deps, paths);
      const daysOf = ({ path }: { path: string }) => days ?? rules(path).days();
      return commitOfEach(numbers, (number) => startCooling(number, now, daysOf(number)), byCaller(caller), now);
    },
  });
}

/** Refuses NUMBER_NOT_COOLING and NOT_FOUND for single numbers. */
export function endCoolingOfNumbers(deps: Deps, caller: Caller, ids: readonly string[]): Promise<ChangedNumbers> {
  return changeEach(deps, caller, ids, [], {
    judge: mustBeCooling,
    write: (numbers, now) => commitOfEach(numbers, (number) => endCooling(number, now), byCaller(caller), now),
  });
}
