/** "If Number Management is disabled for the customer, internal numbers cannot be added" (Number Inventory), nor handed out. */
import type { Store } from '@numberyard/kit/storage/port';
import { reason, type Reason } from '../domain/refusals.js';
import { nodes } from '../models/node.js';

/** @param customer id of the customer node */
export async function managementProblem(store: Store, customer: string, field: string): Promise<Reason | undefined> {
  const node = await store.get(nodes, customer);
  if (node?.numberManagement !== false) return undefined;
  return reason('NUMBER_MANAGEMENT_OFF', `Number management is switched off for ${node.name}.`, field);
}
