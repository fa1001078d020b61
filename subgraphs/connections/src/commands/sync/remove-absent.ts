/**
 * Removing whom the listing did not name. Absence is a hypothesis, so each is asked for by its id; where there are too many for that, a second listing has
 * to miss them too. Everything is confirmed, and the delete threshold looked at, before anybody is removed.
 */
import { diffPage, removal, type MirrorStep, type PageDiff } from '../../domain/diff.js';
import { issues, type FoundIssue } from '../../domain/issue.js';
import type { ListingCheck } from '../../domain/listing-check.js';
import type { RegisteredUser } from '../../domain/registered-user.js';
import { nowOf } from '../context.js';
import { absentUsers, mirroredCount } from './absent-users.js';
import { checkDeleteThreshold, readDeleteThreshold } from './delete-threshold.js';
import { EmptyListing } from './empty-listing.js';
import { frozenNodes } from './frozen-nodes.js';
import type { SyncJob } from './job.js';
import { listedUser, readListing, type Listed } from './list-users.js';
import type { MirrorWriter } from './mirror-writer.js';

/** Up to so many are asked for one by one. */
const ASKED_SINGLY = 500;
const AT_ONCE = 8;

export async function removeAbsent(job: SyncJob, { check, frozen }: Listed, writer: MirrorWriter): Promise<void> {
  const few: RegisteredUser[] = [];
  for await (const page of absentUsers(job, check, frozen)) {
    few.push(...page);
    if (few.length > ASKED_SINGLY) return removeMany(job, { check }, frozen, writer);
  }
  await removeFew(job, few, frozen, writer);
}

async function removeFew(
  job: SyncJob,
  candidates: readonly RegisteredUser[],
  frozenBefore: ReadonlySet<string>,
  writer: MirrorWriter,
): Promise<void> {
  const answers: { old: RegisteredUser; now: ReturnType<typeof listedUser> | undefined }[] = [];
  for (let from = 0; from < candidates.length; from += AT_ONCE) {
    const asked = candidates.slice(from, from + AT_ONCE);
    const records = await Promise.all(asked.map((user) => job.client.user(user.armId, job.signal)));
    answers.push(...asked.map((old, index) => ({ old, now: records[index] && listedUser(records[index]) })));
  }
  // A node that was locked meanwhile answers for its users no more, so the nodes are looked at last.
  const frozen = await frozenNodes(job, frozenBefore);
  const steps: MirrorStep[] = [];
  const found: FoundIssue[] = [];
  for (const { old, now } of answers) {
    if (frozen.has(old.sbc)) continue;
    if (!now) steps.push(removal(old));
    else if (now.state === 'ONLINE') found.push(issues.removalNotConfirmed(old.aor));
    else steps.push(...offline(job, old, now, frozen).steps);
  }
  const removals = steps.filter((step) => step.kind === 'removed').length;
  if (removals > 0) checkDeleteThreshold(job, removals, await readDeleteThreshold(job));
  await writer.add(steps, found);
}

/** One that says it is offline is there, and mirrored so. */
function offline(
  { connection, context, operations, filter }: SyncJob,
  old: RegisteredUser,
  listed: ReturnType<typeof listedUser>,
  frozen: ReadonlySet<string>,
): PageDiff {
  const rules = { connection: connection.id, operations, frozen, filter, now: nowOf(context) };
  return diffPage([{ listed, ref: old.id, old }], rules);
}

async function removeMany(
  job: SyncJob,
  { check }: Pick<Listed, 'check'>,
  frozenBefore: ReadonlySet<string>,
  writer: MirrorWriter,
): Promise<void> {
  const second = await readListing(job);
  const problem = second.problem();
  if (problem !== undefined) {
    await writer.add([], [issues.listingIncomplete(problem)]);
    return;
  }
  // The first listing named somebody, or may be empty.
  if (second.isEmpty && !job.allowEmpty)
    throw new EmptyListing(await mirroredCount(job.context.store, job.connection.id));
  const frozen = await frozenNodes(job, frozenBefore);
  const threshold = await readDeleteThreshold(job);
  if (threshold !== undefined) checkDeleteThreshold(job, await countGone(job, check, second, frozen), threshold);
  for await (const page of absentUsers(job, check, frozen)) {
    job.signal.throwIfAborted();
    const back = page.filter((user) => second.seen.has(user.armId));
    const gone = page.filter((user) => !second.seen.has(user.armId));
    await writer.add(
      gone.map(removal),
      back.map((user) => issues.removalNotConfirmed(user.aor)),
    );
  }
}

/** How many neither listing named. They are counted before the first goes, because the threshold allows all of them or none. */
async function countGone(
  job: SyncJob,
  check: ListingCheck,
  second: ListingCheck,
  frozen: ReadonlySet<string>,
): Promise<number> {
  let gone = 0;
  for await (const page of absentUsers(job, check, frozen)) {
    job.signal.throwIfAborted();
    gone += page.filter((user) => !second.seen.has(user.armId)).length;
  }
  return gone;
}
