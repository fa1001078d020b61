/** Add numbers to a customer or site. */
import { decide } from '@numberyard/kit/commands/decide';
import { done, refused } from '@numberyard/kit/graph/refusal';
import { normaliseNumber } from '@numberyard/schema/number';
import { dialPlanProblem, homeProblem } from '../domain/dial-plan.js';
import { dialPlanOf } from '../domain/hierarchy.js';
import { LONGEST_DESCRIPTION } from '../domain/number-edit.js';
import { newNumber, numberId } from '../domain/number.js';
import { numbersOf, type NumberRange } from '../domain/number-list.js';
import { optionalTextProblem, type Reason, type Result } from '../domain/refusals.js';
import { numbers, saveNumber } from '../models/number.js';
import { associatedProblem, associatedWith } from './associations.js';
import { byCaller, nowOf, type Caller, type Deps } from './context.js';
import { managementProblem } from './management.js';
import { numberEvent } from './number-event.js';
import { numberPlace, type NumberPlace } from './number-place.js';

export interface AddNumbersInput {
  readonly node: string;
  readonly range?: NumberRange | null;
  readonly numbers?: readonly string[] | null;
  readonly description?: string | null;
}

export interface AddedNumbers {
  /** Ids of the numbers that were made. */
  readonly added: readonly string[];
  /** Numbers the customer had before, wherever they live; they stay untouched. */
  readonly existing: readonly string[];
}

/**
 * Refuses NOT_FOUND, WRONG_NODE_TYPE, NUMBER_MANAGEMENT_OFF, DIAL_PLAN, INVALID, OUT_OF_RANGE, REQUIRED, ALREADY_EXISTS (a number that is associated with
 * another as its E.164 number); then nothing is added.
 */
export async function addNumbers(deps: Deps, caller: Caller, input: AddNumbersInput): Promise<Result<AddedNumbers>> {
  const { store } = deps;
  const list = numbersOf(input);
  const wrong = [
    ...('refusals' in list ? list.refusals : []),
    ...optionalTextProblem(input.description, 'description', LONGEST_DESCRIPTION),
  ];
  const description = input.description?.trim();
  return decide<Result<AddedNumbers>>(store, async () => {
    const place = await numberPlace(deps, caller, input.node);
    if ('refusal' in place) return { value: refused(place.refusal, ...wrong) };
    const off = await managementProblem(store, place.customer, 'node');
    const misfits = 'refusals' in list ? [] : misfitsOf(place, list.numbers, input);
    const refusals = [...(off ? [off] : []), ...wrong, ...misfits];
    if (refusals.length > 0 || 'refusals' in list) return { value: refused(...refusals) };
    const known = await store.getMany(
      numbers,
      list.numbers.map((number) => numberId(place.customer, number)),
    );
    const now = nowOf(deps);
    const made = list.numbers.flatMap((number, index) =>
      known[index] ? [] : [newNumber(place, number, now, description)],
    );
    const associated = await associatedWith(
      store,
      place.customer,
      made.map(({ number }) => number),
    );
    if (associated.size > 0) {
      const problems = made.flatMap(({ number }) => (associated.has(number) ? [number] : []));
      return { value: refused(...eachByItsPlace(input, problems, associatedProblem)) };
    }
    const value = done({
      added: made.map((number) => number.id),
      existing: list.numbers.filter((_, index) => known[index]),
    });
    if (made.length === 0) return { value };
    const by = byCaller(caller);
    const commit = {
      expect: place.expect,
      save: made.map((number) => saveNumber(number, 0)),
      events: made.map((number) => numberEvent('NumberAdded', number, by, now)),
      trusted: true,
    };
    return { value, commit };
  });
}

/** Numbers that do not fit the dial plan. */
function misfitsOf({ owner, home }: NumberPlace, wanted: readonly string[], input: AddNumbersInput): Reason[] {
  const plan = dialPlanOf(owner);
  const homeless = homeProblem(plan, home, 'node');
  if (homeless) return [homeless];
  if (plan === 'FLAT') return [];
  return eachByItsPlace(input, wanted, (number, field) => dialPlanProblem(plan, home, number, field));
}

/** What is wrong with some of the numbers, each by its place in the list; of a range the first. */
function eachByItsPlace(
  { numbers: list }: AddNumbersInput,
  wanted: readonly string[],
  problem: (number: string, field: string) => Reason | undefined,
): Reason[] {
  // The first place of each, however often it is given.
  const places = new Map((list ?? []).map((given, index) => [normaliseNumber(given), index] as const).reverse());
  const problems = wanted.flatMap(
    (number) => problem(number, list ? `numbers.${places.get(number)}` : 'range.start') ?? [],
  );
  return list ? problems : problems.slice(0, 1);
}
