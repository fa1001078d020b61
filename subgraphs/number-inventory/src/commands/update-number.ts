/** Change what is free to edit on a number: description, tag, free fields, associated E.164 number. */
import { decide } from '@numberyard/kit/commands/decide';
import { done, refused } from '@numberyard/kit/graph/refusal';
import { editOf, editProblems, type EditInput } from '../domain/number-edit.js';
import { notFound, reason, type Reason, type Result } from '../domain/refusals.js';
import { edit, type Edit } from '../domain/transitions.js';
import { numbers, type NumberDoc } from '../models/number.js';
import { commitOfEach } from './change-each.js';
import { byCaller, nowOf, type Caller, type Deps } from './context.js';
import { visibleNumber } from './visible.js';

export interface UpdateNumberInput extends EditInput {
  readonly id: string;
}

/** Refuses NOT_FOUND, INVALID, OUT_OF_RANGE, ALREADY_EXISTS (the E.164 number is associated with another number of the customer). */
export async function updateNumber(deps: Deps, caller: Caller, input: UpdateNumberInput): Promise<Result<NumberDoc>> {
  const { edit: wanted, problems } = editOf(input);
  const refusals = await decide<readonly Reason[]>(deps.store, async () => {
    const number = await visibleNumber(deps.store, caller.identity, input.id);
    if (!number) return { value: [...problems, notFound('number', 'id')] };
    const wrong = [...problems, ...editProblems(number, wanted)];
    if (wrong.length === 0) wrong.push(...(await takenProblem(deps, number, wanted)));
    if (wrong.length > 0) return { value: wrong };
    const now = nowOf(deps);
    const commit = commitOfEach([number], (each) => edit(each, wanted, now), byCaller(caller), now);
    return commit ? { value: [], commit } : { value: [] };
  });
  if (refusals.length > 0) return refused(...refusals);
  const number = await visibleNumber(deps.store, caller.identity, input.id);
  return number ? done(number) : refused(notFound('number', 'id'));
}

async function takenProblem({ store }: Deps, number: NumberDoc, { e164 }: Edit): Promise<Reason[]> {
  if (!e164) return [];
  const holder = await store.getByKey(numbers, 'byE164', [number.customer, e164]);
  if (!holder || holder.id === number.id) return [];
  return [reason('ALREADY_EXISTS', `${e164} is associated with another number of the customer.`, 'e164')];
}
