/** Add numbers to a customer or site. */
import { decide } from '@numberyard/kit/commands/decide';
import { done, refused } from '@numberyard/kit/graph/refusal';
import { ancestorsOf, customerOf, holdsNumbers } from '../domain/hierarchy.js';
import { newNumber, numberId } from '../domain/number.js';
import { numbersOf, type NumberRange } from '../domain/number-list.js';
import { notFound, optionalTextProblem, reason, type Reason, type Result } from '../domain/refusals.js';
import { nodes, type NodeDoc } from '../models/node.js';
import { numbers, saveNumber } from '../models/number.js';
import { byCaller, nowOf, type Caller, type Deps } from './context.js';
import { managementProblem } from './management.js';
import { numberEvent } from './number-event.js';
import { visibleNode } from './visible.js';

export const LONGEST_DESCRIPTION = 1000;

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

/** Refuses NOT_FOUND, WRONG_NODE_TYPE, NUMBER_MANAGEMENT_OFF, INVALID, OUT_OF_RANGE, REQUIRED; then nothing is added. */
export async function addNumbers(deps: Deps, caller: Caller, input: AddNumbersInput): Promise<Result<AddedNumbers>> {
  const { store } = deps;
  const list = numbersOf(input);
  const place = await placeOf(deps, caller, input.node);
  const refusals = [
    ...('refusals' in place ? place.refusals : []),
    ...('refusals' in list ? list.refusals : []),
    ...optionalTextProblem(input.description, 'description', LONGEST_DESCRIPTION),
  ];
  if (refusals.length > 0 || 'refusals' in list || 'refusals' in place) return refused(...refusals);
  const ids = list.numbers.map((number) => numberId(place.customer, number));
  const description = input.description?.trim();
  return decide(store, async () => {
    const known = await store.getMany(numbers, ids);
    const now = nowOf(deps);
    const made = list.numbers.flatMap((number, index) =>
      known[index] ? [] : [newNumber(place, number, now, description)],
    );
    const value = done({
      added: made.map((number) => number.id),
      existing: list.numbers.filter((_, index) => known[index]),
    });
    if (made.length === 0) return { value };
    const by = byCaller(caller);
    const commit = {
      save: made.map((number) => saveNumber(number, 0)),
      events: made.map((number) => numberEvent('NumberAdded', number, by, now)),
      trusted: true,
    };
    return { value, commit };
  });
}

interface Place {
  readonly customer: string;
  readonly node: string;
  readonly path: string;
}

async function placeOf(deps: Deps, caller: Caller, id: string): Promise<Place | { refusals: readonly Reason[] }> {
  const node = await visibleNode(deps.store, caller.identity, id);
  if (!node) return { refusals: [notFound('node', 'node')] };
  if (!holdsNumbers(node.type) || node.retired) {
    const message = node.retired ? 'The node is retired.' : 'Numbers live at a customer or a site.';
    return { refusals: [reason('WRONG_NODE_TYPE', message, 'node')] };
  }
  const above = await deps.store.getMany(nodes, ancestorsOf(node.path));
  const customer = customerOf(above.filter((each): each is NodeDoc => each !== undefined));
  if (!customer) throw new Error(`node ${id} holds numbers and belongs to no customer`);
  const off = await managementProblem(deps.store, customer.id, 'node');
  return off ? { refusals: [off] } : { customer: customer.id, node: node.id, path: node.path };
}
