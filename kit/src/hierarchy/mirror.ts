/** Keeping the mirror of the hierarchy: by the owner's log, and from its listing where the log cannot be gone on with. */
import { decide } from '../commands/decide.js';
import { asRead, type Store } from '../storage/port.js';
import { Follower, type FollowerOptions } from '../workers/follower.js';
import { stopWhenLost } from '../workers/leases.js';
import type { Step } from '../workers/loop.js';
import { mirrorNodes, NODE_EVENTS, saveNodes } from './hierarchy.js';
import { mirroredNodes, type MirroredNode } from './node.js';

/** A node as its owner lists it. */
export type ListedNode = Pick<MirroredNode, 'id' | 'type' | 'name' | 'path' | 'retired'>;

/** The owner's nodes in order of their paths; `after` of one answer asks for the next, none: there is no more. */
export type ListNodes = (
  after: string | undefined,
  limit: number,
) => Promise<{ readonly items: readonly ListedNode[]; readonly after?: string }>;

const BATCH = 200;

/** The follower of a subgraph that needs of the hierarchy's owner nothing but the hierarchy. */
export function followHierarchy(
  options: Pick<FollowerOptions, 'source' | 'log' | 'store' | 'leases' | 'clock' | 'logger'> & { listNodes: ListNodes },
): Follower {
  const { listNodes, ...rest } = options;
  return new Follower({
    ...rest,
    types: NODE_EVENTS,
    retentions: ['history'],
    apply: async (events) => ({ save: await mirrorNodes(options.store, events) }),
    rebuild: (step) => rebuildMirror(options.store, listNodes, step),
  });
}

/**
 * Bring the mirror in line with the owner's listing: what is listed is kept as it is there; what is not listed goes, since it was made after the backup the
 * owner was restored from. Resumable: it begins anew and finds most of it done.
 * @throws Error when drained in the middle, so that the follower does not take it for finished
 */
export async function rebuildMirror(store: Store, listNodes: ListNodes, step: Step): Promise<void> {
  let after: string | undefined;
  let from: string | undefined;
  do {
    if (step.signal.aborted)
      throw new Error('stopped while the hierarchy was being mirrored anew; the next start goes on');
    const listing = await listNodes(after, BATCH);
    const to = listing.after === undefined ? undefined : listing.items.at(-1)?.path;
    const listed = new Set(listing.items.map((node) => node.id));
    await saveListed(store, listing.items, step);
    await removeUnlisted(store, listed, { from, to }, step);
    after = listing.after;
    from = to;
  } while (after !== undefined);
}

async function saveListed(store: Store, nodes: readonly ListedNode[], step: Step): Promise<void> {
  await decide(
    store,
    async () => {
      const saves = await saveNodes(
        store,
        nodes.map(({ id, type, name, path, retired }) => ({ id, type, name, path, retired })),
      );
      return { value: undefined, ...(saves.length > 0 && { commit: { expect: [step.lease.fence], save: saves } }) };
    },
    stopWhenLost(step.lease),
  );
}

/** Remove what is mirrored between two paths (`from` exclusive, `to` inclusive) and not listed. */
async function removeUnlisted(
  store: Store,
  listed: ReadonlySet<string>,
  { from, to }: { from: string | undefined; to: string | undefined },
  step: Step,
): Promise<void> {
  await decide(
    store,
    async () => {
      const gone: MirroredNode[] = [];
      let after: readonly (string | number)[] | undefined;
      do {
        const page = await store.find(mirroredNodes, {
          key: 'byPath',
          ...((from !== undefined || to !== undefined) && {
            next: { ...(from !== undefined && { gt: from }), ...(to !== undefined && { lte: to }) },
          }),
          limit: BATCH,
          ...(after && { after }),
        });
        gone.push(...page.items.filter((node) => !listed.has(node.id)));
        after = page.after;
      } while (after);
      const remove = gone.map((node) => asRead(mirroredNodes, node));
      return { value: undefined, ...(remove.length > 0 && { commit: { expect: [step.lease.fence], remove } }) };
    },
    stopWhenLost(step.lease),
  );
}
