/**
 * Customers whose numbers lack uses that their owners know of: those whose number management was off, and those with numbers that begin with no site's code.
 * What is due is taken by the worker that follows the owners' log, see `take-owed-uses.ts`.
 */
import { PAGE_LIMIT, save, type Save, type Store } from '@numberyard/kit/storage/port';
import { owedUses, type OwedUsesDoc } from '../models/owed-uses.js';

/** The save by which a customer's uses are to be taken, and none of its numbers is handed out before they are. */
export async function dueNow(store: Store, customer: string): Promise<Save> {
  const known = await store.get(owedUses, customer);
  return save(owedUses, { id: customer, version: known?.version ?? 0, due: 1, unsure: true });
}

/** The same for a customer some of whose uses were left out before; none when none were. Numbers that were left out do not exist, so nothing waits for them. */
export async function dueWhenOwed(store: Store, customer: string): Promise<Save[]> {
  const known = await store.get(owedUses, customer);
  return known ? [save(owedUses, { ...known, due: 1 })] : [];
}

/** The saves by which customers are noted whose uses were left out; none for those that are. */
export async function noted(store: Store, customers: readonly string[]): Promise<Save[]> {
  const known = await store.getMany(owedUses, customers);
  return customers.flatMap((id, index) => (known[index] ? [] : [save(owedUses, { id, version: 0 })]));
}

/** Customers whose uses are to be taken. */
export async function dueUses(store: Store): Promise<readonly OwedUsesDoc[]> {
  const page = await store.find(owedUses, { key: 'byDue', equals: [1], limit: PAGE_LIMIT });
  return page.items;
}
