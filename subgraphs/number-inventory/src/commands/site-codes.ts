/**
 * The site location codes of a customer. That none is the beginning of another is a rule over many nodes, so whoever gives a site a code saves the customer's
 * node with it: two that do so at the same instant decide one after the other. That no two are equal is a unique key besides.
 */
import type { Store } from '@numberyard/kit/storage/port';
import { codesCollide, codeProblem, LONGEST_CODE, possibleCodes } from '../domain/dial-plan.js';
import { dialPlanOf } from '../domain/hierarchy.js';
import { reason, type Reason } from '../domain/refusals.js';
import { nodes, type NodeDoc } from '../models/node.js';

/** Most values a condition `in` holds. */
const MOST_CODES = 500;

/** Why a site of a customer cannot have this code, if so. @param self the site that is to have it, if there is one already */
export async function siteCodeProblem(
  store: Store,
  customer: NodeDoc,
  code: string,
  self?: string,
): Promise<Reason | undefined> {
  const field = 'siteLocationCode';
  if (dialPlanOf(customer) === 'FLAT')
    return reason('DIAL_PLAN', `The dial plan of ${customer.name} has no site location codes.`, field);
  const malformed = codeProblem(code, field);
  if (malformed) return malformed;
  const equals = [customer.id];
  const shorter = await store.find(nodes, {
    key: 'byCode',
    equals,
    next: { in: [...possibleCodes(code), code] },
    limit: LONGEST_CODE,
  });
  const longer = await store.find(nodes, { key: 'byCode', equals, next: { prefix: code }, limit: 2 });
  for (const other of [...shorter.items, ...longer.items]) {
    const collision = other.id === self ? undefined : codesCollide(code, other, field);
    if (collision) return collision;
  }
  return undefined;
}

/** The sites of a customer whose code one of the numbers begins with. @returns what finds the site of a number, at most one, as no code begins another */
export async function sitesOfNumbers(
  store: Store,
  customer: string,
  numbers: Iterable<string>,
): Promise<(number: string) => NodeDoc | undefined> {
  const codes = [...new Set([...numbers].flatMap(possibleCodes))];
  const sites = new Map<string, NodeDoc>();
  for (let from = 0; from < codes.length; from += MOST_CODES) {
    const next = { in: codes.slice(from, from + MOST_CODES) };
    const page = await store.find(nodes, { key: 'byCode', equals: [customer], next, limit: MOST_CODES });
    for (const site of page.items) if (site.siteLocationCode !== undefined) sites.set(site.siteLocationCode, site);
  }
  return (number) => {
    const code = possibleCodes(number).find((each) => sites.has(each));
    return code === undefined ? undefined : sites.get(code);
  };
}
