/** Mutations of many numbers: those that may be changed are, in one commit; a reason is given for each that was not. */
import { decide } from '@numberyard/kit/commands/decide';
import type { Commit } from '@numberyard/kit/storage/port';
import { idsProblem } from '../domain/number-list.js';
import { notFound, type Reason } from '../domain/refusals.js';
import type { NumberDoc } from '../models/number.js';
import { nowOf, type Caller, type Deps } from './context.js';
import { visibleNumbers } from './visible.js';

export interface ChangedNumbers {
  /** Ids, in the order they were given, each once. */
  readonly changed: readonly string[];
  readonly refusals: readonly Reason[];
}

/**
 * @param problems what is wrong with the rest of the input: then nothing is changed
 * @param judge why a number may not be changed; `field` names its place in the list
 * @param write what to commit for the others
 */
export async function changeEach(
  deps: Deps,
  caller: Caller,
  ids: readonly string[],
  problems: readonly Reason[],
  judge: (number: NumberDoc, field: string) => Reason | undefined,
  write: (numbers: readonly NumberDoc[], now: string) => Commit,
): Promise<ChangedNumbers> {
  const wrong = [...idsProblem(ids), ...problems];
  if (wrong.length > 0) return { changed: [], refusals: wrong };
  const places = new Map(ids.map((id, index) => [id, index]));
  const distinct = [...places.keys()];
  return decide(deps.store, async () => {
    const found = await visibleNumbers(deps.store, caller.identity, distinct);
    const refusals: Reason[] = [];
    const fit = found.filter((number, index): number is NumberDoc => {
      const field = `ids.${places.get(distinct[index] ?? '')}`;
      const refusal = number ? judge(number, field) : notFound('number', field);
      if (refusal) refusals.push(refusal);
      return !refusal;
    });
    const value = { changed: fit.map((number) => number.id), refusals };
    return fit.length === 0 ? { value } : { value, commit: write(fit, nowOf(deps)) };
  });
}
