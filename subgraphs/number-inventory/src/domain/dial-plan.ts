/**
 * How the numbers of a customer are made. Under a dial plan with site location codes "digits prefixed to the extension" tell the site: "one per site,
 * unique in the customer, no SLC may be a prefix of another" (Site Location Codes); numbers then live at sites only.
 */
import type { DialPlan, NodeType } from './hierarchy.js';
import { reason, type Reason } from './refusals.js';

/** The longest site location code, digits. */
export const LONGEST_CODE = 15;

/** A customer or site as far as it matters to what numbers may live there. */
export interface Numbered {
  readonly type: NodeType;
  readonly name: string;
  readonly siteLocationCode?: string | undefined;
}

/** Why no number at all can live at a customer or site under the dial plan of its customer, if so. */
export function homeProblem(plan: DialPlan, node: Numbered, field: string): Reason | undefined {
  if (plan === 'FLAT') return undefined;
  if (node.type !== 'SITE') {
    const message = `Numbers of ${node.name} begin with the code of a site and live there; choose a site.`;
    return reason('DIAL_PLAN', message, field);
  }
  if (node.siteLocationCode !== undefined) return undefined;
  return reason('DIAL_PLAN', `${node.name} has no site location code yet.`, field);
}

/** Why a number cannot live at a customer or site under the dial plan of its customer, if so: there it is the site's code and at least one digit more. */
export function dialPlanProblem(plan: DialPlan, node: Numbered, number: string, field: string): Reason | undefined {
  const problem = homeProblem(plan, node, field);
  if (problem || plan === 'FLAT') return problem;
  const code = node.siteLocationCode ?? '';
  if (beginsWith(number, code)) return undefined;
  return reason(
    'DIAL_PLAN',
    `Numbers of ${node.name} are ${code} and at least one digit more; ${number} is not.`,
    field,
  );
}

/** Whether a number is made of a code and at least one digit more. */
export function beginsWith(number: string, code: string): boolean {
  return number.length > code.length && number.startsWith(code);
}

/**
 * The codes a number may begin with, from the shortest. Of the sites of a customer at most one has one of them, because no code is the beginning of
 * another.
 */
export function possibleCodes(number: string): string[] {
  if (number.startsWith('+')) return [];
  const most = Math.min(LONGEST_CODE, number.length - 1);
  return Array.from({ length: Math.max(0, most) }, (_, index) => number.slice(0, index + 1));
}

/** Why a text is no site location code, if so. */
export function codeProblem(code: string, field: string): Reason | undefined {
  if (new RegExp(`^\\d{1,${LONGEST_CODE}}$`).test(code)) return undefined;
  return reason('INVALID', `A site location code is 1 to ${LONGEST_CODE} digits.`, field);
}

/** Why a code cannot stand beside that of another site of the customer, if so. */
export function codesCollide(
  code: string,
  other: { readonly name: string; readonly siteLocationCode?: string | undefined },
  field: string,
): Reason | undefined {
  const theirs = other.siteLocationCode;
  if (theirs === undefined) return undefined;
  if (theirs === code) return reason('ALREADY_EXISTS', `${other.name} has the code ${code}.`, field);
  const [shorter, longer] = code.length < theirs.length ? [code, theirs] : [theirs, code];
  if (!longer.startsWith(shorter)) return undefined;
  return reason('DIAL_PLAN', `No code may be the beginning of another, and ${other.name} has ${theirs}.`, field);
}
