import { issues } from '../../domain/issue.js';
import { syncActor } from '../context.js';
import { recordReachability } from '../record-reachability.js';
import { mirroredCount } from './absent-users.js';
import type { SyncJob } from './job.js';
import { EmptyListing } from './empty-listing.js';
import { mirrorListing, type Listed } from './list-users.js';
import type { MirrorWriter } from './mirror-writer.js';
import { removeAbsent } from './remove-absent.js';

/** Bring the mirror in line with the registered users of the Routing Manager (AudioCodes Device Number Integration). */
export async function syncRegisteredUsers(job: SyncJob, writer: MirrorWriter): Promise<void> {
  const { client, connection, context } = job;
  const nodes = await client.nodes(job.signal);
  await recordReachability(context, connection, { certificate: client.seenCertificate }, syncActor);
  const notInSync = nodes.filter((node) => node.frozen);
  await writer.add(
    [],
    notInSync.map((node) => issues.nodeNotInSync(node.name)),
  );
  const frozen = new Set(notInSync.map((node) => node.id));
  const listed = await mirrorListing(job, frozen, writer);
  await writer.flush();
  await removeMissing(job, listed, writer);
  await writer.flush();
}

async function removeMissing(job: SyncJob, listed: Listed, writer: MirrorWriter): Promise<void> {
  const { check } = listed;
  const mirrored = await mirroredCount(job.context.store, job.connection.id);
  const problem = check.problem();
  if (problem !== undefined) {
    await writer.add([], [issues.listingIncomplete(problem)]);
    return;
  }
  if (check.isEmpty && mirrored > 0 && !job.allowEmpty) throw new EmptyListing(mirrored);
  if (!job.operations.includes('REMOVE') || mirrored === listed.mirrored) return;
  await removeAbsent(job, listed, writer);
}
