/** The hierarchy as a subgraph sees it that does not own it: mirrored out of the owner's log. */
import type { LoggedEvent } from '../log/event.js';
import { isWithin, type Identity } from '../identity/identity.js';
import { save, type Save, type Store } from '../storage/port.js';
import type { Follower } from '../workers/follower.js';
import { mirroredNodes, type MirroredNode } from './node.js';

/** Events of the owner that create or change a node; their fields hold the node as it is after them. */
export const NODE_EVENTS = ['HierarchyNodeCreated', 'HierarchyNodeRenamed', 'HierarchyNodeRetired'];

/** How long an unknown node is waited for: it may have been made a moment ago at its owner. */
const CATCH_UP_MS = 2_000;

type NodeFields = Pick<MirroredNode, 'id' | 'type' | 'name' | 'path' | 'retired'>;

/** The saves that bring the mirror up to these events; events of other types are passed over. */
export async function mirrorNodes(store: Store, events: readonly LoggedEvent[]): Promise<Save[]> {
  const latest = new Map<string, NodeFields>();
  for (const event of events) {
    if (!NODE_EVENTS.includes(event.type)) continue;
    const { id, type, name, path, retired } = event.fields as object as NodeFields;
    latest.set(id, { id, type, name, path, retired });
  }
  return saveNodes(store, [...latest.values()]);
}

/** The saves that make these nodes part of the mirror; what is there already unchanged is left out. */
export async function saveNodes(store: Store, nodes: readonly NodeFields[]): Promise<Save[]> {
  const known = await store.getMany(
    mirroredNodes,
    nodes.map((node) => node.id),
  );
  // Named one by one: an owner's listing tells more of a node than is mirrored.
  return nodes.flatMap(({ id, type, name, path, retired }, index) => {
    const old = known[index];
    const same = old && old.name === name && old.path === path && old.retired === retired;
    return same ? [] : [save(mirroredNodes, { id, version: old?.version ?? 0, type, name, path, retired })];
  });
}

export class Hierarchy {
  readonly #store: Store;
  readonly #owner: Pick<Follower, 'reach'>;

  /** @param owner follows the log of the hierarchy's owner */
  constructor(store: Store, owner: Pick<Follower, 'reach'>) {
    this.#store = store;
    this.#owner = owner;
  }

  /** A node; one that is unknown is looked for again once the owner's log has been followed to its head. */
  node(id: string): Promise<MirroredNode | undefined> {
    return this.#find(id, () => true);
  }

  /** A node the caller sees: its own or one below. What it may not see is as if it were not there, down to the work that finds that out. */
  visibleNode(id: string, identity: Pick<Identity, 'path'>): Promise<MirroredNode | undefined> {
    return this.#find(id, ({ path }) => isWithin(path, identity.path));
  }

  async #find(id: string, isWanted: (node: MirroredNode) => boolean): Promise<MirroredNode | undefined> {
    const known = await this.#store.get(mirroredNodes, id);
    if (known && isWanted(known)) return known;
    await this.#owner.reach(CATCH_UP_MS);
    const found = await this.#store.get(mirroredNodes, id);
    return found && isWanted(found) ? found : undefined;
  }
}
