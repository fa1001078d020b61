/** Hand out the lowest Available number. */
import { refused } from '@numberyard/kit/graph/refusal';
import type { Store } from '@numberyard/kit/storage/port';
import { ancestorsOf } from '../domain/hierarchy.js';
import type { NumberUse, Usage } from '../domain/number.js';
import { notFound, optionalTextProblem, reason, textProblem, type Reason, type Result } from '../domain/refusals.js';
import { vendorProblem } from '../domain/rules.js';
import { changeUses, type CoolingRule } from '../domain/transitions.js';
import { saveNumber, type NumberDoc } from '../models/number.js';
import { byCaller, nowOf, type Caller, type Deps } from './context.js';
import { customersHandingOut, HAND_OUT_WAIT, mayHandOut } from './management.js';
import { numberEvent } from './number-event.js';
import { idempotencyKeyProblem, once, type Try } from './once.js';
import { visibleNode } from './visible.js';

export interface Assignment {
  readonly ref: string;
  readonly usage: Usage;
  readonly vendor?: string | null;
  readonly idempotencyKey: string;
}

export interface ClaimInput extends Assignment {
  readonly node: string;
}

/**
 * Choose the lowest Available number at the node or below and assign it: each number once, however many ask. Above customers those whose number management is
 * off, or not yet on again, are passed over.
 * Refuses NOT_FOUND (the node), NO_NUMBER_AVAILABLE, NUMBER_MANAGEMENT_OFF, IDEMPOTENCY_KEY_REUSED and what {@link assignmentProblems} finds.
 */
export async function claimNumber(deps: Deps, caller: Caller, input: ClaimInput): Promise<Result<NumberDoc>> {
  const problems = assignmentProblems(input);
  if (problems.length > 0) return refused(...problems);
  const node = await visibleNode(deps.store, caller.identity, input.node);
  if (!node) return refused(notFound('node', 'node'));
  let held: string | undefined;
  const letGo = () => {
    if (held !== undefined) deps.claims.letGo(held);
    held = undefined;
  };
  try {
    return await once(deps, caller, { mutation: 'claimNextAvailableNumber', input }, async () => {
      letGo();
      const number = await deps.claims.choose(deps.store, [node.id]);
      held = number?.id;
      if (!number)
        return { refusal: reason('NO_NUMBER_AVAILABLE', `No Available number is left at ${node.name}.`, 'node') };
      const isAbove = !ancestorsOf(node.path).includes(number.customer);
      const tried = await assign(deps, caller, number, input, isAbove ? 0 : HAND_OUT_WAIT);
      if (!isAbove || !('refusal' in tried)) return tried;
      letGo();
      const other = await deps.claims.choose(deps.store, await customersHandingOut(deps.store, node));
      held = other?.id;
      return other ? assign(deps, caller, other, input, 0) : tried;
    });
  } finally {
    letGo();
  }
}

/** What is wrong with the reference, vendor or idempotency key of an assignment. */
export function assignmentProblems(input: Assignment): Reason[] {
  return [
    ...textProblem(input.ref, 'ref', 200),
    ...optionalTextProblem(input.vendor, 'vendor', 64),
    ...vendorProblem(input.vendor),
    ...idempotencyKeyProblem(input.idempotencyKey),
  ];
}

/** The commit that assigns an Available number. @param wait how long to wait while number management is being switched on, milliseconds */
export async function assign(
  deps: { readonly store: Store } & Deps,
  caller: Caller,
  number: NumberDoc,
  input: Assignment,
  wait = HAND_OUT_WAIT,
): Promise<Try> {
  const may = await mayHandOut(deps, number.customer, 'node' in input ? 'node' : 'id', wait);
  if ('refusal' in may) return may;
  const now = nowOf(deps);
  const vendor = input.vendor?.trim();
  const use: NumberUse = {
    source: 'ASSIGNMENT',
    ref: input.ref.trim(),
    usage: input.usage,
    since: now,
    ...(vendor && { vendor }),
  };
  const change = changeUses(number, { add: [use], remove: [] }, now, NEVER_COOLS);
  if (!change) throw new Error(`assigning ${number.id}, which is Available, changed nothing`);
  const commit = {
    expect: may.expect,
    save: [saveNumber(change.next, number.version)],
    events: [numberEvent(change.event, change.next, byCaller(caller), now)],
    trusted: true,
  };
  return { id: number.id, commit };
}

const neverCools = (): never => {
  throw new Error('an assignment takes no use away');
};
const NEVER_COOLS: CoolingRule = { audioCodes: neverCools, standard: neverCools };
