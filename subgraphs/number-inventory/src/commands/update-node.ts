/** Changing a node: its name, its number management, its dial plan or code. */
import { decide, type Attempt } from '@numberyard/kit/commands/decide';
import { done, refused } from '@numberyard/kit/graph/refusal';
import type { NewEvent } from '@numberyard/kit/log/event';
import type { Save, Store } from '@numberyard/kit/storage/port';
import {
  ancestorsOf,
  customerOf,
  dialPlanOf,
  LONGEST_NAME,
  type DialPlan,
  type HierarchyNode,
} from '../domain/hierarchy.js';
import { notFound, reason, textProblem, type Reason, type Result } from '../domain/refusals.js';
import { nodes, saveNode, type NodeDoc } from '../models/node.js';
import { byCaller, nowOf, type Caller, type Deps } from './context.js';
import { nameTaken } from './hierarchy-nodes.js';
import { nodeEvent } from './node-event.js';
import { dueNow, dueWhenOwed } from './owed-uses.js';
import { siteCodeProblem } from './site-codes.js';
import { visibleNode } from './visible.js';
import { hasNumbers, lookAway, lookInto } from './while-empty.js';

/** What is absent or null stays. */
export interface UpdateNodeInput {
  readonly id: string;
  readonly name?: string | null;
  readonly numberManagement?: boolean | null;
  readonly dialPlan?: DialPlan | null;
  readonly siteLocationCode?: string | null;
}

/**
 * Refuses NOT_FOUND, ALREADY_EXISTS (a name or code), WRONG_NODE_TYPE (what a node of its type does not have, or a retired one), NODE_IN_USE (a dial plan or
 * code while there are numbers), DIAL_PLAN (a code that does not fit), INVALID, REQUIRED, OUT_OF_RANGE.
 */
export function updateNode(deps: Deps, caller: Caller, input: UpdateNodeInput): Promise<Result<HierarchyNode>> {
  const { store } = deps;
  return decide<Result<HierarchyNode>>(store, async () => {
    const name = input.name?.trim();
    const problems = name === undefined ? [] : textProblem(name, 'name', LONGEST_NAME);
    const seen = await visibleNode(store, caller.identity, input.id);
    if (!seen) return { value: refused(...problems, notFound('node', 'id')) };
    problems.push(...unfit(seen, input));
    if (problems.length > 0) return { value: refused(...problems) };
    const taken = name !== undefined && (await nameTaken(store, seen.parent, name, seen.id));
    if (taken) return { value: refused(taken) };
    const field = fieldOfEmpty(seen, input);
    if (field === undefined) return change(deps, caller, seen, input);
    const node = await lookInto(store, seen.id);
    if (!node) return { value: refused(notFound('node', 'id')) };
    const misfits = unfit(node, input);
    if (misfits.length > 0) return { value: refused(...misfits) };
    if (await hasNumbers(store, node.id)) {
      await lookAway(store, node);
      return { value: refused(reason('NODE_IN_USE', `${node.name} has numbers.`, field)) };
    }
    return change(deps, caller, node, input);
  });
}

/** What a node of its type does not have, or a retired one cannot change. */
function unfit(node: NodeDoc, { name, numberManagement, dialPlan, siteLocationCode }: UpdateNodeInput): Reason[] {
  const asked = [
    ['name', name, node.type, ''],
    ['numberManagement', numberManagement, 'CUSTOMER', 'Only customers have number management.'],
    ['dialPlan', dialPlan, 'CUSTOMER', 'Only customers have a dial plan.'],
    ['siteLocationCode', siteLocationCode, 'SITE', 'Only sites have a site location code.'],
  ] as const;
  return asked.flatMap(([field, value, type, message]) => {
    if (value == null) return [];
    if (node.type !== type) return [reason('WRONG_NODE_TYPE', message, field)];
    return node.retired ? [reason('WRONG_NODE_TYPE', 'The node is retired.', field)] : [];
  });
}

/** The field that changes only while the node has no numbers, if it is to change. */
function fieldOfEmpty(node: NodeDoc, { dialPlan, siteLocationCode }: UpdateNodeInput): string | undefined {
  if (dialPlan != null && dialPlan !== dialPlanOf(node)) return 'dialPlan';
  return siteLocationCode != null && siteLocationCode !== node.siteLocationCode ? 'siteLocationCode' : undefined;
}

/** @param node as it was read, marked when it has to be empty */
async function change(
  deps: Deps,
  caller: Caller,
  node: NodeDoc,
  input: UpdateNodeInput,
): Promise<Attempt<Result<HierarchyNode>>> {
  const { store } = deps;
  const by = byCaller(caller);
  const now = nowOf(deps);
  const save: Save[] = [];
  const events: NewEvent[] = [];
  const name = input.name?.trim() ?? node.name;
  const next = {
    ...node,
    name,
    lookedAt: undefined,
    ...(input.numberManagement != null && { numberManagement: input.numberManagement }),
    ...(input.dialPlan != null && { dialPlan: input.dialPlan }),
  };
  if (input.siteLocationCode != null) {
    const given = await giveCode(store, next, input.siteLocationCode);
    if ('refusal' in given) {
      await lookAway(store, node);
      return { value: refused(given.refusal) };
    }
    Object.assign(next, given.fields);
    save.push(...given.save);
  }
  if (next.numberManagement && node.numberManagement === false) save.push(await dueNow(store, node.id));
  // What began with no site's code has a home now.
  else if (dialPlanOf(node) !== dialPlanOf(next)) save.push(...(await dueWhenOwed(store, node.id)));
  if (next.name !== node.name) events.unshift(nodeEvent('HierarchyNodeRenamed', next, by, now));
  const changed =
    next.numberManagement !== node.numberManagement ||
    dialPlanOf(next) !== dialPlanOf(node) ||
    next.siteLocationCode !== node.siteLocationCode;
  if (changed) events.unshift(nodeEvent('HierarchyNodeChanged', next, by, now));
  if (events.length === 0) return { value: done(node) };
  return { value: done(next), commit: { save: [saveNode(next, node.version), ...save], events } };
}

async function giveCode(
  store: Store,
  site: NodeDoc,
  code: string,
): Promise<{ refusal: Reason } | { fields: Pick<NodeDoc, 'siteLocationCode' | 'codeOwner'>; save: Save[] }> {
  const above = await store.getMany(nodes, ancestorsOf(site.path));
  const customer = customerOf(above.filter((node) => node !== undefined));
  if (!customer) throw new Error(`site ${site.id} belongs to no customer`);
  const refusal = await siteCodeProblem(store, customer, code, site.id);
  if (refusal) return { refusal };
  const save = [saveNode(customer, customer.version), ...(await dueWhenOwed(store, customer.id))];
  return { fields: { siteLocationCode: code, codeOwner: customer.id }, save };
}
