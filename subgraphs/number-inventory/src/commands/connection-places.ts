/** Where the numbers of AudioCodes connections belong: the connection's node and the customer it is part of. */
import type { Store } from '@numberyard/kit/storage/port';
import { ancestorsOf, customerOf } from '../domain/hierarchy.js';
import { nodes, type NodeDoc } from '../models/node.js';

export interface ConnectionPlace {
  readonly node: string;
  readonly path: string;
  /** Id and name of the customer. */
  readonly customer: string;
  readonly customerName: string;
  readonly numberManagement: boolean;
}

/** By node id; a node that is unknown or belongs to no customer is left out. At most 1,000 nodes. */
export async function connectionPlaces(store: Store, ids: Iterable<string>): Promise<Map<string, ConnectionPlace>> {
  const found = (await store.getMany(nodes, [...new Set(ids)])).filter((node) => node !== undefined);
  const above = [...new Set(found.flatMap((node) => ancestorsOf(node.path)))];
  const ancestors = new Map<string, NodeDoc>();
  for (const node of await store.getMany(nodes, above)) if (node) ancestors.set(node.id, node);
  const places = new Map<string, ConnectionPlace>();
  for (const node of found) {
    const path = ancestorsOf(node.path).map((id) => ancestors.get(id));
    const customer = customerOf(path.filter((each) => each !== undefined));
    if (!customer) continue;
    places.set(node.id, {
      node: node.id,
      path: node.path,
      customer: customer.id,
      customerName: customer.name,
      numberManagement: customer.numberManagement !== false,
    });
  }
  return places;
}
