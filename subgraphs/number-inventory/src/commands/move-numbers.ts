/** Move numbers to another node of their customer. */
import { dialPlanProblem } from '../domain/dial-plan.js';
import { dialPlanOf } from '../domain/hierarchy.js';
import { mustBelongTo } from '../domain/rules.js';
import { move } from '../domain/transitions.js';
import { changeEach, commitOfEach, type ChangedNumbers } from './change-each.js';
import { byCaller, type Caller, type Deps } from './context.js';
import { numberPlace } from './number-place.js';

export interface MoveNumbersInput {
  readonly ids: readonly string[];
  readonly node: string;
}

/**
 * Whatever their status. Refuses NOT_FOUND, OTHER_CUSTOMER and DIAL_PLAN for single numbers; NOT_FOUND and WRONG_NODE_TYPE (of the node), OUT_OF_RANGE and
 * REQUIRED for the whole input. Numbers that live there already are as asked for.
 */
export function moveNumbers(deps: Deps, caller: Caller, { ids, node }: MoveNumbersInput): Promise<ChangedNumbers> {
  return changeEach(deps, caller, ids, [], async () => {
    const place = await numberPlace(deps, caller, node);
    if ('refusal' in place) return place;
    const { owner, home } = place;
    return {
      judge: (number, field) =>
        mustBelongTo(place.customer, number, field) ??
        (number.node === place.node ? undefined : dialPlanProblem(dialPlanOf(owner), home, number.number, field)),
      write(numbers, now) {
        const commit = commitOfEach(numbers, (number) => move(number, place, now), byCaller(caller), now);
        return commit && { ...commit, expect: place.expect };
      },
    };
  });
}
