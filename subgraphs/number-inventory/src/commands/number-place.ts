/** Where numbers are to live: a customer or a site, and what is true of it. */
import { asRead, type Expectation } from '@numberyard/kit/storage/port';
import { ancestorsOf, customerOf, holdsNumbers } from '../domain/hierarchy.js';
import { notFound, reason, type Reason } from '../domain/refusals.js';
import { nodes, type NodeDoc } from '../models/node.js';
import type { Caller, Deps } from './context.js';
import { visibleNode } from './visible.js';
import { keepOpen } from './while-empty.js';

export interface NumberPlace {
  /** Id of the customer. */
  readonly customer: string;
  readonly node: string;
  readonly path: string;
  /** The customer itself, and the customer or site the numbers are to live at. */
  readonly owner: NodeDoc;
  readonly home: NodeDoc;
  /** What a commit that puts numbers there expects, lest the node be retired or its numbers be made otherwise meanwhile. */
  readonly expect: readonly Expectation[];
}

/** Refuses NOT_FOUND, and WRONG_NODE_TYPE where no number can live. */
export async function numberPlace(
  { store }: Pick<Deps, 'store'>,
  caller: Caller,
  id: string,
): Promise<NumberPlace | { readonly refusal: Reason }> {
  const seen = await visibleNode(store, caller.identity, id);
  if (!seen) return { refusal: notFound('node', 'node') };
  if (!holdsNumbers(seen.type)) {
    return { refusal: reason('WRONG_NODE_TYPE', 'Numbers live at a customer or a site.', 'node') };
  }
  const above = await store.getMany(nodes, ancestorsOf(seen.path));
  const customer = customerOf(above.filter((each): each is NodeDoc => each !== undefined));
  const [home, owner] = await keepOpen(store, [seen.id, customer?.id ?? '']);
  if (!home || !owner) throw new Error(`node ${id} holds numbers and belongs to no customer`);
  if (home.retired) return { refusal: reason('WRONG_NODE_TYPE', 'The node is retired.', 'node') };
  const places = owner.id === home.id ? [home] : [owner, home];
  const expect = places.map((place) => asRead(nodes, place));
  return { customer: owner.id, node: home.id, path: home.path, owner, home, expect };
}
