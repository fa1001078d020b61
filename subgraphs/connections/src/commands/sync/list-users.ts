import { giveWay } from '@numberyard/kit/workers/courtesy';
import { numberOfAor } from '../../arm/aor.js';
import type { RegisteredUserRecord } from '../../arm/record.js';
import { diffPage, type MirrorStep, type Pair } from '../../domain/diff.js';
import { issues } from '../../domain/issue.js';
import { ListingCheck } from '../../domain/listing-check.js';
import { refOf, type ListedUser } from '../../domain/registered-user.js';
import { registeredUsers } from '../../models/registered-users.js';
import { nowOf } from '../context.js';
import type { SyncJob } from './job.js';
import type { MirrorWriter } from './mirror-writer.js';

export interface Listed {
  readonly check: ListingCheck;
  /** How many of those the listing named are in the mirror now. */
  readonly mirrored: number;
  /** Ids of the nodes (SBCs) that were found locked or out of sync until the listing ended. */
  readonly frozen: ReadonlySet<string>;
}

/** Read the whole listing and bring the mirror up to each page of it. Nobody is removed here. */
export async function mirrorListing(
  job: SyncJob,
  frozenBefore: ReadonlySet<string>,
  writer: MirrorWriter,
): Promise<Listed> {
  const { connection, context, operations, filter } = job;
  const check = new ListingCheck();
  let frozen = frozenBefore;
  let mirrored = 0;
  for await (const page of job.client.pages(job.signal)) {
    job.signal.throwIfAborted();
    const pairs = await pairsOf(job, check.page(page).map(listedUser));
    const rules = { connection: connection.id, operations, filter, now: nowOf(context) };
    let diff = diffPage(pairs, { ...rules, frozen });
    if (diff.steps.some(takesNumber)) {
      // A node that was locked since the nodes were looked at says of its users what means nothing.
      const late = (await job.client.nodes(job.signal)).filter((node) => node.frozen && !frozen.has(node.id));
      frozen = new Set([...frozen, ...late.map(({ id }) => id)]);
      diff = diffPage(pairs, { ...rules, frozen });
      await writer.add(
        [],
        late.map(({ name }) => issues.nodeNotInSync(name)),
      );
    }
    const added = diff.steps.filter((step) => step.kind === 'added').length;
    mirrored += added + pairs.filter(({ old }) => old).length;
    writer.count(page.items.length, page.total, page.items.length - diff.steps.length);
    await writer.add(diff.steps, diff.issues);
    await giveWay();
  }
  return { check, mirrored, frozen };
}

/** Whether a number loses a use by it. */
function takesNumber({ change }: MirrorStep): boolean {
  return change !== undefined && change.before !== null;
}

/** Read the whole listing only to see whom it names. */
export async function readListing(job: SyncJob): Promise<ListingCheck> {
  const check = new ListingCheck();
  for await (const page of job.client.pages(job.signal)) {
    check.page(page);
    await giveWay();
  }
  return check;
}

/** Listed users beside what the mirror holds of them. At most a page of the store. */
export async function pairsOf({ connection, context }: SyncJob, listed: readonly ListedUser[]): Promise<Pair[]> {
  const refs = listed.map((user) => refOf(connection.id, user.id));
  const olds = await context.store.getMany(registeredUsers, refs);
  return listed.map((user, index) => ({ listed: user, ref: refs[index] ?? '', old: olds[index] }));
}

export function listedUser({ id, aor, state, nodeId, nodeName }: RegisteredUserRecord): ListedUser {
  const number = numberOfAor(aor);
  return { id, aor, state, sbc: nodeId, sbcName: nodeName, ...(number === undefined ? {} : { number }) };
}
