/** Whether a customer can be audited as it is asked for: by somebody now, or by its schedule some day. */
import { isWithin } from '@numberyard/kit/identity/identity';
import { mirroredNodes, type MirroredNode } from '@numberyard/kit/hierarchy/node';
import type { HierarchyNodeFields } from '@numberyard/schema/events';
import type { AuditLevel } from '../domain/audit-run.js';
import type { AuditRefusal } from '../domain/refusals.js';
import type { CommandContext } from './context.js';

/** "Specify the sites on which you want to run Audit Number Inventory (200 maximum)." */
const MOST_SITES = 200;

/** What an audit is asked for with. */
export interface AuditTarget {
  readonly level: AuditLevel;
  /** At level SITE; absent: all. */
  readonly sites?: readonly string[] | null | undefined;
}

/**
 * By the customer as its owner has it: "You can only run Audit Number Inventory from a customer hierarchy"; "you cannot run Audit Number Inventory if number
 * management has been disabled for the customer"; "for sites using Site Location Code-based dial plans, number inventories can be created only at the site
 * hierarchy, the customer hierarchy will not be available" ("Audit Number Inventory").
 */
export function checkCustomer(customer: HierarchyNodeFields, level: AuditLevel): AuditRefusal[] {
  if (customer.type !== 'CUSTOMER') {
    const message = 'Audits run at customers; choose a valid customer.';
    return [{ code: 'WRONG_NODE_TYPE', message, field: 'customer' }];
  }
  if (customer.retired) return [{ code: 'INVALID', message: 'The customer is retired.', field: 'customer' }];
  return [...whyNotManaged(customer), ...whyNoLevel(customer, level)];
}

export function whyNotManaged(customer: HierarchyNodeFields): AuditRefusal[] {
  if (customer.numberManagement !== false) return [];
  const message = 'Number management is switched off for the customer; switch it on to audit its numbers.';
  return [{ code: 'NUMBER_MANAGEMENT_OFF', message, field: 'customer' }];
}

export function whyNoLevel(customer: HierarchyNodeFields, level: AuditLevel): AuditRefusal[] {
  if (level === 'SITE' || !hasSiteCodes(customer)) return [];
  const message =
    'The dial plan of the customer has site location codes: its numbers exist at sites only; choose SITE.';
  return [{ code: 'DIAL_PLAN', message, field: 'level' }];
}

export function hasSiteCodes({ dialPlan }: HierarchyNodeFields): boolean {
  return dialPlan === 'SITE_LOCATION_CODES';
}

/** That the sites are some of the customer's, each named once. */
export async function checkSites(
  context: Pick<CommandContext, 'store' | 'hierarchy'>,
  customer: Pick<HierarchyNodeFields, 'path'>,
  { level, sites }: AuditTarget,
): Promise<AuditRefusal[]> {
  if (!sites) return [];
  const refusal = wrongSites(level, sites);
  if (refusal) return [refusal];
  const isOne = (site: MirroredNode | undefined) =>
    site?.type === 'SITE' && !site.retired && isWithin(site.path, customer.path);
  const found = await sitesById(context, sites, customer, isOne);
  const first = new Map<string, number>();
  return sites.flatMap((id, index): AuditRefusal[] => {
    const field = `sites.${index}`;
    if (first.has(id))
      return [{ code: 'DUPLICATE_SITE', message: `The site is sites.${first.get(id)} already.`, field }];
    first.set(id, index);
    return isOne(found[index]) ? [] : [{ code: 'FOREIGN_SITE', message: 'This is no site of the customer.', field }];
  });
}

function wrongSites(level: AuditLevel, sites: readonly string[]): AuditRefusal | undefined {
  const field = 'sites';
  if (level === 'CUSTOMER') {
    return {
      code: 'INVALID',
      message: 'At level CUSTOMER everything is audited; sites are named at level SITE.',
      field,
    };
  }
  if (sites.length === 0) {
    return { code: 'REQUIRED', message: 'Name the sites to audit, or none at all for all of them.', field };
  }
  if (sites.length > MOST_SITES) {
    return { code: 'OUT_OF_RANGE', message: `An audit takes at most ${MOST_SITES} sites, or all.`, field };
  }
  return undefined;
}

async function sitesById(
  { store, hierarchy }: Pick<CommandContext, 'store' | 'hierarchy'>,
  ids: readonly string[],
  customer: Pick<HierarchyNodeFields, 'path'>,
  isOne: (site: MirroredNode | undefined) => boolean | undefined,
) {
  const known = await store.getMany(mirroredNodes, ids);
  const wrong = ids.find((_, index) => !isOne(known[index]));
  if (wrong === undefined) return known;
  // It may have been made a moment ago: with the one look for it the mirror catches up for all of them. One of another customer is looked for as well, so that
  // the work does not tell that it is there.
  await hierarchy.visibleNode(wrong, customer);
  return store.getMany(mirroredNodes, ids);
}
