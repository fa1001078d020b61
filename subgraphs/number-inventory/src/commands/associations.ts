/**
 * E.164 numbers that are associated with numbers that are none themselves. One E.164 number means one number of a customer: it is neither associated with two
 * nor associated with one while it is in the inventory itself. That no two have the same is a unique key. The rest is a rule over two documents that need not
 * exist, so whoever associates saves the customer's node with it and expects that the number is not there; whoever makes numbers expects the customer's
 * node, as it was before they looked. What a device registers or an audit misses is made all the same, and that is told.
 */
import { absent, PAGE_LIMIT, type Commit, type Store } from '@numberyard/kit/storage/port';
import { e164Of, numberId, type InventoryNumber } from '../domain/number.js';
import { reason, type Reason } from '../domain/refusals.js';
import { nodes, saveNode } from '../models/node.js';
import { numbers, type NumberDoc } from '../models/number.js';

/** Most values a condition `in` holds. */
const MOST_NAMED = 500;

/** What a commit has to hold that associates an E.164 number, besides the number it is associated with. */
export type Associating = Required<Pick<Commit, 'expect' | 'save'>>;

/** Why an E.164 number cannot be associated with a number, if so; else what its commit has to hold. */
export async function associate(
  store: Store,
  number: InventoryNumber,
  e164: string,
): Promise<{ readonly refusal: Reason } | Associating> {
  const owner = await store.get(nodes, number.customer);
  if (!owner) throw new Error(`number ${number.id} belongs to no customer`);
  const itself = numberId(number.customer, e164);
  const [same, holder] = await Promise.all([
    store.get(numbers, itself),
    store.getByKey(numbers, 'byE164', [number.customer, e164]),
  ]);
  if (same) return { refusal: reason('ALREADY_EXISTS', `${e164} is a number of the customer itself.`, 'e164') };
  if (holder && holder.id !== number.id) {
    const message = `${e164} is associated with another number of the customer.`;
    return { refusal: reason('ALREADY_EXISTS', message, 'e164') };
  }
  return { expect: [absent(numbers, itself)], save: [saveNode(owner, owner.version)] };
}

/** Of some numbers of a customer those that are associated with another as its E.164 number, and that one. To be read after the customer's node. */
export async function associatedWith(
  store: Store,
  customer: string,
  wanted: Iterable<string>,
): Promise<ReadonlyMap<string, NumberDoc>> {
  const found = new Map<string, NumberDoc>();
  const named = [...new Set(wanted)].filter((number) => e164Of(number) !== undefined);
  for (let from = 0; from < named.length; from += MOST_NAMED) {
    const page = await store.find(numbers, {
      key: 'byE164',
      equals: [customer],
      next: { in: named.slice(from, from + MOST_NAMED) },
      limit: PAGE_LIMIT,
    });
    for (const number of page.items) if (number.e164 !== undefined) found.set(number.e164, number);
  }
  return found;
}

/** Why a number cannot be made that is associated with another. */
export function associatedProblem(number: string, field: string): Reason {
  return reason('ALREADY_EXISTS', `${number} is associated with another number of the customer.`, field);
}

/** What is told of a number that is made all the same, because something uses it. */
export function alsoAssociated(other: string): string {
  return `It is also the E.164 number associated with ${other}; both stand until that association is changed.`;
}
