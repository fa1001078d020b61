/** Assign a certain number, and end assignments. */
import { refused } from '@numberyard/kit/graph/refusal';
import { notFound, optionalTextProblem, type Result } from '../domain/refusals.js';
import { assignmentsToRelease, mustBeAvailable } from '../domain/rules.js';
import { changeUses } from '../domain/transitions.js';
import { saveNumber, type NumberDoc } from '../models/number.js';
import { assign, assignmentProblems, type Assignment } from './claim-number.js';
import { byCaller, nowOf, type Caller, type Deps } from './context.js';
import { coolingRules } from './cooling-rules.js';
import { numberEvent } from './number-event.js';
import { idempotencyKeyProblem, once } from './once.js';
import { visibleNumber } from './visible.js';

export interface AssignInput extends Assignment {
  readonly id: string;
}

/** Refuses NOT_FOUND, NUMBER_NOT_AVAILABLE (Used, Reserved and Cooling alike), NUMBER_MANAGEMENT_OFF, IDEMPOTENCY_KEY_REUSED. */
export async function assignNumber(deps: Deps, caller: Caller, input: AssignInput): Promise<Result<NumberDoc>> {
  const problems = assignmentProblems(input);
  if (problems.length > 0) return refused(...problems);
  return once(deps, caller, { mutation: 'assignNumber', input }, async () => {
    const number = await visibleNumber(deps.store, caller.identity, input.id);
    if (!number) return { refusal: notFound('number', 'id') };
    const refusal = mustBeAvailable(number, 'id');
    return refusal ? { refusal } : assign(deps, caller, number, input);
  });
}

export interface ReleaseInput {
  readonly id: string;
  readonly ref?: string | null;
  readonly idempotencyKey: string;
}

/**
 * The number cools where global cooling is on, else it is Available; a device that uses it beside the assignment keeps it. Refuses NOT_FOUND,
 * NUMBER_OWNED_BY_DEVICE, NUMBER_NOT_ASSIGNED, IDEMPOTENCY_KEY_REUSED.
 */
export async function releaseNumber(deps: Deps, caller: Caller, input: ReleaseInput): Promise<Result<NumberDoc>> {
  const problems = [...optionalTextProblem(input.ref, 'ref', 200), ...idempotencyKeyProblem(input.idempotencyKey)];
  if (problems.length > 0) return refused(...problems);
  return once(deps, caller, { mutation: 'releaseNumber', input }, async () => {
    const number = await visibleNumber(deps.store, caller.identity, input.id);
    if (!number) return { refusal: notFound('number', 'id') };
    const released = assignmentsToRelease(number, input.ref?.trim() || undefined);
    if ('refusal' in released) return released;
    const now = nowOf(deps);
    const rules = await coolingRules(deps, [number.path]);
    const change = changeUses(number, { add: [], remove: released.uses }, now, rules(number.path));
    if (!change) throw new Error(`releasing ${number.id}, which is assigned, changed nothing`);
    const commit = {
      save: [saveNumber(change.next, number.version)],
      events: [numberEvent(change.event, change.next, byCaller(caller), now)],
      trusted: true,
    };
    return { id: number.id, commit };
  });
}
