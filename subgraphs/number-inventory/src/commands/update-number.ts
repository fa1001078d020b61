/** Change what is free to edit on a number: description, tag, free fields, associated E.164 number. */
import { decide } from '@numberyard/kit/commands/decide';
import { done, refused } from '@numberyard/kit/graph/refusal';
import { editOf, editProblems, type EditInput } from '../domain/number-edit.js';
import { notFound, type Reason, type Result } from '../domain/refusals.js';
import { edit } from '../domain/transitions.js';
import type { NumberDoc } from '../models/number.js';
import { associate } from './associations.js';
import { commitOfEach } from './change-each.js';
import { byCaller, nowOf, type Caller, type Deps } from './context.js';
import { visibleNumber } from './visible.js';

export interface UpdateNumberInput extends EditInput {
  readonly id: string;
}

/**
 * Refuses NOT_FOUND, INVALID, OUT_OF_RANGE, ALREADY_EXISTS (the E.164 number is one of the customer's numbers itself, or associated with another of them).
 */
export async function updateNumber(deps: Deps, caller: Caller, input: UpdateNumberInput): Promise<Result<NumberDoc>> {
  const { edit: wanted, problems } = editOf(input);
  const refusals = await decide<readonly Reason[]>(deps.store, async () => {
    const number = await visibleNumber(deps.store, caller.identity, input.id);
    if (!number) return { value: [...problems, notFound('number', 'id')] };
    const wrong = [...problems, ...editProblems(number, wanted)];
    if (wrong.length > 0) return { value: wrong };
    const now = nowOf(deps);
    const commit = commitOfEach([number], (each) => edit(each, wanted, now), byCaller(caller), now);
    if (!commit) return { value: [] };
    if (!wanted.e164 || wanted.e164 === number.e164) return { value: [], commit };
    const associating = await associate(deps.store, number, wanted.e164);
    if ('refusal' in associating) return { value: [associating.refusal] };
    const { expect, save } = associating;
    return { value: [], commit: { ...commit, expect, save: [...(commit.save ?? []), ...save] } };
  });
  if (refusals.length > 0) return refused(...refusals);
  const number = await visibleNumber(deps.store, caller.identity, input.id);
  return number ? done(number) : refused(notFound('number', 'id'));
}
