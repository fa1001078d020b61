/** Reading the hierarchy, and making nodes. */
import { newId } from '@numberyard/kit/crypto/id';
import { decide } from '@numberyard/kit/commands/decide';
import { badInput } from '@numberyard/kit/graph/errors';
import { checkPosition } from '@numberyard/kit/graph/page';
import { done, refused } from '@numberyard/kit/graph/refusal';
import { asRead, type Page, type PagePosition, type Save, type Store } from '@numberyard/kit/storage/port';
import {
  ancestorsOf,
  customerOf,
  dialPlanOf,
  foldName,
  LONGEST_NAME,
  placementProblem,
  type DialPlan,
  type HierarchyNode,
  type NodeType,
} from '../domain/hierarchy.js';
import { notFound, reason, textProblem, type Reason, type Result } from '../domain/refusals.js';
import { nodes, saveNode, type NodeDoc } from '../models/node.js';
import { byCaller, nowOf, type Caller, type Deps } from './context.js';
import { nodeEvent } from './node-event.js';
import { dueWhenOwed } from './owed-uses.js';
import { siteCodeProblem } from './site-codes.js';
import { visibleNode } from './visible.js';
import { keepOpen } from './while-empty.js';

export interface NodesQuery {
  readonly within: { readonly path: string };
  readonly type?: NodeType | null;
  readonly limit: number;
  readonly after?: PagePosition;
}

/** Nodes at or below a node, in order of their paths. @throws GraphQLError BAD_USER_INPUT when `after` is no position of these nodes */
export async function findNodes(store: Store, { within, type, limit, after }: NodesQuery): Promise<Page<NodeDoc>> {
  // Ids hold no character below the dot's successor, so this is the node itself and what lies below.
  const next = { gte: within.path, lt: `${within.path}/` };
  const by = type ? { key: 'byType', equals: [type] } : { key: 'byPath' };
  const find = { ...by, next, limit, ...(after && { after }) };
  checkPosition(nodes, find);
  const [path, id] = after?.slice(-2) ?? [];
  if (after && ancestorsOf(String(path)).at(-1) !== id) throw badInput('after', 'is no cursor of this list.');
  return store.find(nodes, find);
}

export interface CreateNodeInput {
  readonly parent: string;
  readonly type: NodeType;
  readonly name: string;
  readonly dialPlan?: DialPlan | null;
  readonly siteLocationCode?: string | null;
}

/**
 * Refuses NOT_FOUND (the parent), WRONG_NODE_TYPE, ALREADY_EXISTS (a name or code), DIAL_PLAN (a code that does not fit), INVALID, REQUIRED, OUT_OF_RANGE.
 * New customers have number management on.
 */
export function createNode(deps: Deps, caller: Caller, input: CreateNodeInput): Promise<Result<HierarchyNode>> {
  const { store } = deps;
  const name = input.name.trim();
  const id = newId();
  return decide<Result<HierarchyNode>>(store, async () => {
    const problems = textProblem(name, 'name', LONGEST_NAME);
    const seen = await visibleNode(store, caller.identity, input.parent);
    const [parent] = seen ? await keepOpen(store, [seen.id]) : [];
    if (!parent) return { value: refused(...problems, notFound('node', 'parent')) };
    const above = (await store.getMany(nodes, ancestorsOf(parent.path))).filter((node) => node !== undefined);
    const misplaced = placementProblem(input.type, above);
    if (misplaced) problems.push(misplaced);
    const customer = customerOf(above);
    if (!misplaced) problems.push(...(await planProblems(store, input, customer)));
    if (problems.length > 0) return { value: refused(...problems) };
    const taken = await nameTaken(store, parent.id, name);
    if (taken) return { value: refused(taken) };
    const now = nowOf(deps);
    const code = input.siteLocationCode ?? undefined;
    const node = {
      id,
      type: input.type,
      name,
      parent: parent.id,
      path: `${parent.path}.${id}`,
      retired: false,
      createdAt: now,
      ...(input.type === 'CUSTOMER' && { numberManagement: true, dialPlan: input.dialPlan ?? 'FLAT' }),
      ...(customer && code !== undefined && { siteLocationCode: code, codeOwner: customer.id }),
    };
    const events = [nodeEvent('HierarchyNodeCreated', node, byCaller(caller), now)];
    const save: Save[] = [saveNode(node, 0)];
    if (customer && code !== undefined)
      save.push(saveNode(customer, customer.version), ...(await dueWhenOwed(store, customer.id)));
    // Neither must the parent be retired meanwhile, nor the dial plan changed.
    const expect = [parent, ...(customer ? [customer] : [])].map((each) => asRead(nodes, each));
    return { value: done(node), commit: { expect, save, events } };
  });
}

async function planProblems(
  store: Store,
  { type, dialPlan, siteLocationCode }: CreateNodeInput,
  customer: NodeDoc | undefined,
): Promise<Reason[]> {
  const problems: Reason[] = [];
  if (dialPlan != null && type !== 'CUSTOMER')
    problems.push(reason('WRONG_NODE_TYPE', 'Only customers have a dial plan.', 'dialPlan'));
  if (type !== 'SITE' || !customer) {
    if (siteLocationCode != null)
      problems.push(reason('WRONG_NODE_TYPE', 'Only sites have a site location code.', 'siteLocationCode'));
    return problems;
  }
  if (siteLocationCode != null) {
    const problem = await siteCodeProblem(store, customer, siteLocationCode);
    return problem ? [...problems, problem] : problems;
  }
  if (dialPlanOf(customer) === 'FLAT') return problems;
  const message = `A site of ${customer.name} needs a site location code.`;
  return [...problems, reason('REQUIRED', message, 'siteLocationCode')];
}

/** Why a name cannot stand below a parent, if so. @param self the node that is to have it, if there is one already */
export async function nameTaken(
  store: Store,
  parent: string,
  name: string,
  self?: string,
): Promise<Reason | undefined> {
  const sibling = await store.getByKey(nodes, 'bySibling', [parent, foldName(name)]);
  if (!sibling || sibling.id === self) return undefined;
  return reason('ALREADY_EXISTS', `There is a node named ${sibling.name} already.`, 'name');
}
