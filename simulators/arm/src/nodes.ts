/** The session border controllers a routing manager takes its registered users from. */
import type { FrozenListing, Registrations } from './registrations.js';
import type { NodeRecord } from './wire.js';

export interface NodeOptions {
  readonly id: string;
  readonly name: string;
  readonly address?: string;
  readonly productType?: string;
}

export interface Node {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly productType: string;
  locked: boolean;
  outOfSync: boolean;
}

export type NodeChange = 'lock' | 'unlock' | 'out-of-sync' | 'in-sync';

export const NODE_CHANGES: readonly NodeChange[] = ['lock', 'unlock', 'out-of-sync', 'in-sync'];

export function nodesFrom(options: readonly NodeOptions[]): ReadonlyMap<string, Node> {
  const nodes = new Map<string, Node>();
  options.forEach(({ id, name, address, productType }, index) => {
    if (nodes.has(id)) throw new RangeError(`Node ${id} is given twice.`);
    nodes.set(id, {
      id,
      name,
      address: address ?? `192.0.2.${(index % 250) + 1}`,
      productType: productType ?? 'Mediant VE',
      locked: false,
      outOfSync: false,
    });
  });
  return nodes;
}

/** Locks, unlocks or (un)synchronises a node. While it is either locked or out of sync, its users freeze. */
export function changeNode(
  node: Node,
  change: NodeChange,
  registrations: Registrations,
  listing: FrozenListing = 'frozen',
): void {
  if (change === 'lock' || change === 'unlock') node.locked = change === 'lock';
  else node.outOfSync = change === 'out-of-sync';
  if (!node.locked && !node.outOfSync) registrations.thaw(node.id);
  else if (change === 'lock' || change === 'out-of-sync') registrations.freeze(node.id, listing);
}

export function nodeRecord(node: Node): NodeRecord {
  return {
    id: node.id,
    name: node.name,
    address: node.address,
    productType: node.productType,
    operationState: node.outOfSync ? 'OUT_OF_SYNC' : 'AVAILABLE',
    adminState: node.locked ? 'LOCKED' : 'UNLOCKED',
  };
}
