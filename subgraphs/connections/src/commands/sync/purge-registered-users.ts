import { removal } from '../../domain/diff.js';
import { meetsAll } from '../../domain/sync-filter.js';
import { mirroredUsers } from './absent-users.js';
import type { Job } from './job.js';
import type { MirrorWriter } from './mirror-writer.js';

/** Forget every mirrored user of the connection that the data sync deals with; nothing changes at the Routing Manager, which is not even asked. */
export async function purgeRegisteredUsers(job: Job, writer: MirrorWriter): Promise<void> {
  for await (const page of mirroredUsers(job.context.store, job.connection.id)) {
    job.signal.throwIfAborted();
    const meant = page.filter((user) => meetsAll(job.filter, user));
    if (meant.length > 0) await writer.add(meant.map(removal), []);
  }
  await writer.flush();
}
