/**
 * Who may do what: one table that code, tests and documentation read. A role's powers hold at the caller's node and below.
 */

export const ROLES = [
  'PROVIDER_ADMIN',
  'RESELLER_ADMIN',
  'CUSTOMER_ADMIN',
  'SITE_ADMIN',
  'OPERATOR',
  'PARTNER',
] as const;
export type Role = (typeof ROLES)[number];

/** Rights that can be granted beside a role. */
export const RIGHTS = ['CONNECTIONS'] as const;
export type Right = (typeof RIGHTS)[number];

/** What an operation needs. */
export type Power =
  | 'READ_NUMBERS'
  | 'READ'
  | 'USE_NUMBERS'
  | 'MANAGE_NUMBERS'
  | 'ADMINISTER_CONNECTIONS'
  | 'RUN_SYNCS'
  | 'AUDIT'
  | 'MANAGE_CATALOGUE'
  | 'MANAGE_LINES'
  | 'MANAGE_HIERARCHY'
  | 'SET_MACROS'
  | 'MANAGE_API_KEYS';

/** `true`: by the role; a right's name: only with that right; absent: not at all. */
type Grants = Readonly<Partial<Record<Role, true | Right>>>;

const everybody: Grants = {
  PROVIDER_ADMIN: true,
  RESELLER_ADMIN: true,
  CUSTOMER_ADMIN: true,
  SITE_ADMIN: true,
  OPERATOR: true,
};
const resellerAndUp: Grants = { PROVIDER_ADMIN: true, RESELLER_ADMIN: true };
const customerAndUp: Grants = { ...resellerAndUp, CUSTOMER_ADMIN: true };

export const POWERS: Readonly<Record<Power, { readonly title: string; readonly grants: Grants }>> = {
  READ_NUMBERS: { title: 'read numbers', grants: { ...everybody, PARTNER: true } },
  READ: { title: 'read anything but numbers', grants: everybody },
  USE_NUMBERS: { title: 'claim, assign, release or describe numbers', grants: everybody },
  MANAGE_NUMBERS: { title: 'add, move, delete, reserve, cool or import numbers', grants: customerAndUp },
  ADMINISTER_CONNECTIONS: {
    title: 'administer connections',
    grants: { ...resellerAndUp, CUSTOMER_ADMIN: 'CONNECTIONS', SITE_ADMIN: 'CONNECTIONS', OPERATOR: 'CONNECTIONS' },
  },
  RUN_SYNCS: { title: 'run or cancel syncs', grants: { ...customerAndUp, OPERATOR: true } },
  AUDIT: { title: 'run audits or administer the services they look at', grants: resellerAndUp },
  MANAGE_CATALOGUE: { title: 'administer the catalogue, resources, defaults or maxima', grants: resellerAndUp },
  MANAGE_LINES: {
    title: 'administer lines, orders, accounts or wallets',
    grants: { ...customerAndUp, OPERATOR: true },
  },
  MANAGE_HIERARCHY: { title: 'change the hierarchy below, number management or the dial plan', grants: resellerAndUp },
  SET_MACROS: { title: 'set macros or cooling settings', grants: { PROVIDER_ADMIN: true } },
  MANAGE_API_KEYS: { title: 'administer API keys', grants: customerAndUp },
};

/** Whether a caller of this role and these rights has a power (at its node and below; where, is judged apart). */
export function hasPower(caller: { readonly role: string; readonly rights: readonly string[] }, power: Power): boolean {
  const grant = POWERS[power].grants[caller.role as Role];
  return grant === true || (grant !== undefined && caller.rights.includes(grant));
}

/** Whether `role` is at most as mighty as `by`: nobody grants a higher role than the own. */
export function mayGrant(by: string, role: Role): boolean {
  const mine = ROLES.indexOf(by as Role);
  return mine >= 0 && ROLES.indexOf(role) >= mine;
}
