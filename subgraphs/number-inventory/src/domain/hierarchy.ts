/** Provider > Reseller > Customer > Site, with intermediate nodes between; nodes are renamed or retired, never moved or deleted. */
import { reason, type Reason } from './refusals.js';

export type NodeType = 'PROVIDER' | 'RESELLER' | 'CUSTOMER' | 'SITE' | 'INTERMEDIATE';

/** How the numbers of a customer are made, see `dial-plan.ts`. */
export type DialPlan = 'FLAT' | 'SITE_LOCATION_CODES';

export interface HierarchyNode {
  readonly id: string;
  readonly type: NodeType;
  readonly name: string;
  /** Id of the node above; empty for the provider. */
  readonly parent: string;
  /** Ids from the provider down to this node, joined by dots. */
  readonly path: string;
  /** Whether number management is on; customers only. */
  readonly numberManagement?: boolean;
  /** Of customers; absent: FLAT. Changes only while the customer has no numbers. */
  readonly dialPlan?: DialPlan;
  /** Of sites of a customer whose dial plan has codes. */
  readonly siteLocationCode?: string | undefined;
  readonly retired: boolean;
  readonly createdAt: string;
}

/** What a caller is told of nodes above its own. */
export type ShortNode = Pick<HierarchyNode, 'id' | 'type' | 'name' | 'path' | 'parent'>;

export const LONGEST_NAME = 64;
/** Every ancestor costs each number an entry in each key, so a chain of intermediate nodes has an end. */
export const DEEPEST = 12;

/** The standard level a node of each type stands directly below. */
const ABOVE: Readonly<Record<NodeType, readonly NodeType[]>> = {
  PROVIDER: [],
  RESELLER: ['PROVIDER'],
  CUSTOMER: ['RESELLER'],
  SITE: ['CUSTOMER'],
  INTERMEDIATE: ['PROVIDER', 'RESELLER', 'CUSTOMER'],
};

/**
 * Why a node of this type cannot stand below the parent, if so.
 * @param ancestors the parent and what is above it, from the provider down
 */
export function placementProblem(type: NodeType, ancestors: readonly HierarchyNode[]): Reason | undefined {
  if (ancestors.length >= DEEPEST)
    return reason('OUT_OF_RANGE', `A hierarchy is at most ${DEEPEST} nodes deep.`, 'parent');
  if (ancestors.at(-1)?.retired) return reason('WRONG_NODE_TYPE', 'The parent is retired.', 'parent');
  const level = ancestors.findLast((node) => node.type !== 'INTERMEDIATE');
  if (level && ABOVE[type].includes(level.type)) return undefined;
  const above = ABOVE[type].map((each) => each.toLowerCase()).join(', ');
  const message = above
    ? `A ${type.toLowerCase()} node belongs below: ${above}.`
    : 'There is one provider; it is made at the first start.';
  return reason('WRONG_NODE_TYPE', message, 'type');
}

/** The customer a node belongs to: itself or the nearest above; none above customers. */
export function customerOf<N extends Pick<HierarchyNode, 'type'>>(ancestors: readonly N[]): N | undefined {
  return ancestors.findLast((node) => node.type === 'CUSTOMER');
}

export function dialPlanOf(customer: Pick<HierarchyNode, 'dialPlan'>): DialPlan {
  return customer.dialPlan ?? 'FLAT';
}

/** Numbers live at a customer or a site. */
export function holdsNumbers(type: NodeType): boolean {
  return type === 'CUSTOMER' || type === 'SITE';
}

/** Names are equal without regard to case and to how their characters are composed. */
export function foldName(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

export function ancestorsOf(path: string): string[] {
  return path.split('.');
}
