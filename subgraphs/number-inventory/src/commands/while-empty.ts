/**
 * What may be done to a node only while it is empty: retiring it, changing its dial plan or code. Nothing stored says "no numbers" that a commit could
 * expect: the counter moves without a version, and a version that moved with every number added at a node would make all who add there wait for each other.
 * So whoever needs it empty first marks the node, then looks, then commits over the marked version; whoever is about to put something there takes a mark away
 * before, and expects the node as it then is. Of the two one finds the node changed and decides again. A mark that was left by a process that died costs
 * the next who adds one write, and nobody else anything.
 */
import type { Store } from '@numberyard/kit/storage/port';
import { nodes, saveNode, type NodeDoc } from '../models/node.js';
import { numbers } from '../models/number.js';

/** The node marked, to be looked into and saved as it was read; unmarked only when it is retired. */
export async function lookInto(store: Store, id: string): Promise<NodeDoc | undefined> {
  for (;;) {
    const node = await store.get(nodes, id);
    if (!node || node.retired || node.lookedAt) return node;
    await store.commit({ save: [saveNode({ ...node, lookedAt: true }, node.version)] });
  }
}

/** Take the mark away that {@link lookInto} left, because nothing comes of it. */
export async function lookAway(store: Store, node: NodeDoc): Promise<void> {
  if (node.lookedAt) await store.commit({ save: [saveNode({ ...node, lookedAt: undefined }, node.version)] });
}

/** The nodes in the order of `ids`, none of them marked: for who is about to put numbers or nodes there and expects them as they were read. */
export async function keepOpen(store: Store, ids: readonly string[]): Promise<(NodeDoc | undefined)[]> {
  for (;;) {
    const found = await store.getMany(nodes, ids);
    const marked = found.filter((node) => node?.lookedAt === true && !node.retired);
    if (marked.length === 0) return found;
    const save = marked.flatMap((node) => (node ? [saveNode({ ...node, lookedAt: undefined }, node.version)] : []));
    await store.commit({ save });
  }
}

/** Whether a number lives at a node or below. */
export async function hasNumbers(store: Store, node: string): Promise<boolean> {
  return (await store.counts(numbers, 'byKind', node)).some(({ count }) => count > 0);
}
