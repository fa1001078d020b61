/** "If Number Management is disabled for the customer, internal numbers cannot be added" (Number Inventory), nor handed out. */
import { asRead, type Expectation, type Page, type PagePosition, type Store } from '@numberyard/kit/storage/port';
import { reason, type Reason } from '../domain/refusals.js';
import { nodes, type NodeDoc } from '../models/node.js';
import { owedUses } from '../models/owed-uses.js';
import type { Deps } from './context.js';

/** How long a hand-out waits for the uses of a customer's numbers to be taken, and how long between two looks, milliseconds. */
export const HAND_OUT_WAIT = 2_000;
const LOOK_EVERY = 50;
/** Customers that are asked for a number one by one. */
const MOST_ASKED = 500;

/** @param customer id of the customer node */
export async function managementProblem(store: Store, customer: string, field: string): Promise<Reason | undefined> {
  const node = await store.get(nodes, customer);
  if (node?.numberManagement !== false) return undefined;
  return reason('NUMBER_MANAGEMENT_OFF', `Number management is switched off for ${node.name}.`, field);
}

/**
 * Whether numbers of a customer may be handed out. While its number management was off, devices took and gave up numbers unnoticed; until those uses have been
 * taken from their owners a number that looks Available may be in use, so a hand-out waits a little for it, then is refused.
 * @returns what the commit that hands out expects, lest number management be switched off meanwhile
 */
export async function mayHandOut(
  { store, clock }: Pick<Deps, 'store' | 'clock'>,
  customer: string,
  field: string,
  wait: number,
): Promise<{ readonly refusal: Reason } | { readonly expect: readonly Expectation[] }> {
  const end = clock.monotonic() + wait;
  for (;;) {
    const node = await store.get(nodes, customer);
    if (!node) return { expect: [] };
    const off = node.numberManagement === false;
    if (!off && !(await store.get(owedUses, customer))?.unsure) return { expect: [asRead(nodes, node)] };
    const message = `Number management is ${off ? 'switched off' : 'being switched on'} for ${node.name}.`;
    if (off || clock.monotonic() >= end) return { refusal: reason('NUMBER_MANAGEMENT_OFF', message, field) };
    await clock.sleep(LOOK_EVERY);
  }
}

/** Ids of the customers below a node whose numbers may be handed out, the first {@link MOST_ASKED} in order of their paths. */
export async function customersHandingOut(store: Store, { path }: { readonly path: string }): Promise<string[]> {
  const ids: string[] = [];
  let after: PagePosition | undefined;
  do {
    const page: Page<NodeDoc> = await store.find(nodes, {
      key: 'byType',
      equals: ['CUSTOMER'],
      next: { prefix: `${path}.` },
      limit: MOST_ASKED,
      ...(after && { after }),
    });
    const on = page.items.filter(({ numberManagement }) => numberManagement !== false).map(({ id }) => id);
    const owed = await store.getMany(owedUses, on);
    ids.push(...on.filter((_, index) => !owed[index]?.unsure));
    after = page.after;
  } while (after && ids.length < MOST_ASKED);
  return ids.slice(0, MOST_ASKED);
}
