/** Mutations of many numbers: those that may be changed are, some hundred in a commit; a reason is given for each that was not. */
import { decide } from '@numberyard/kit/commands/decide';
import type { Commit } from '@numberyard/kit/storage/port';
import { idsProblem } from '../domain/number-list.js';
import { notFound, type Reason } from '../domain/refusals.js';
import type { Change } from '../domain/transitions.js';
import { saveNumber, type NumberDoc } from '../models/number.js';
import { nowOf, type By, type Caller, type Deps } from './context.js';
import { numberEvent } from './number-event.js';
import { visibleNumbers } from './visible.js';

/** Numbers with the longest texts that fit into one commit, with what is told of them. */
const PER_COMMIT = 200;

export interface ChangedNumbers {
  /** Ids, in the order they were given, each once. */
  readonly changed: readonly string[];
  readonly refusals: readonly Reason[];
}

/** What is to become of each number. */
export interface EachChange {
  /** Why a number may not be changed; `field` names its place in the list. */
  judge(number: NumberDoc, field: string): Reason | undefined;
  /** What to commit for the others; undefined when they are as asked for already. */
  write(numbers: readonly NumberDoc[], now: string): Commit | undefined | Promise<Commit | undefined>;
}

/**
 * @param problems what is wrong with the rest of the input: then nothing is changed
 * @param plan read anew for each try; a refusal is of the whole input
 */
export async function changeEach(
  deps: Deps,
  caller: Caller,
  ids: readonly string[],
  problems: readonly Reason[],
  plan: EachChange | (() => Promise<EachChange | { readonly refusal: Reason }>),
): Promise<ChangedNumbers> {
  const wrong = [...idsProblem(ids), ...problems];
  if (wrong.length > 0) return { changed: [], refusals: wrong };
  const places = new Map(ids.map((id, index) => [id, index]));
  const distinct = [...places.keys()];
  const changed: string[] = [];
  const refusals: Reason[] = [];
  for (let from = 0; from < distinct.length; from += PER_COMMIT) {
    const some = distinct.slice(from, from + PER_COMMIT);
    const done = await changeSome(deps, caller, some, places, plan);
    changed.push(...done.changed);
    refusals.push(...done.refusals);
    if (done.isRefusedWhole) break;
  }
  return { changed, refusals };
}

async function changeSome(
  deps: Deps,
  caller: Caller,
  ids: readonly string[],
  places: ReadonlyMap<string, number>,
  plan: EachChange | (() => Promise<EachChange | { readonly refusal: Reason }>),
): Promise<ChangedNumbers & { readonly isRefusedWhole: boolean }> {
  return decide(deps.store, async () => {
    const change = typeof plan === 'function' ? await plan() : plan;
    if ('refusal' in change) return { value: { changed: [], refusals: [change.refusal], isRefusedWhole: true } };
    const found = await visibleNumbers(deps.store, caller.identity, ids);
    const refusals: Reason[] = [];
    const fit = found.filter((number, index): number is NumberDoc => {
      const field = `ids.${places.get(ids[index] ?? '')}`;
      const refusal = number ? change.judge(number, field) : notFound('number', field);
      if (refusal) refusals.push(refusal);
      return !refusal;
    });
    const value = { changed: fit.map((number) => number.id), refusals, isRefusedWhole: false };
    const commit = fit.length === 0 ? undefined : await change.write(fit, nowOf(deps));
    return commit ? { value, commit } : { value };
  });
}

/** The commit of a change of each number; undefined when it changes none of them. */
export function commitOfEach(
  numbers: readonly NumberDoc[],
  change: (number: NumberDoc) => Change | undefined,
  by: By,
  now: string,
): Commit | undefined {
  const changes = numbers.flatMap((before) => {
    const changed = change(before);
    return changed ? [{ ...changed, before }] : [];
  });
  if (changes.length === 0) return undefined;
  return {
    save: changes.map(({ next, before }) => saveNumber(next, before.version)),
    events: changes.map(({ next, event, before }) => numberEvent(event, next, by, now, before.path)),
    trusted: true,
  };
}
