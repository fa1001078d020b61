import { removal } from '../../domain/diff.js';
import { mirroredUsers } from './absent-users.js';
import type { Job } from './job.js';
import type { MirrorWriter } from './mirror-writer.js';

/** Forget every mirrored user of the connection; nothing changes at the Routing Manager, which is not even asked. */
export async function purgeRegisteredUsers(job: Job, writer: MirrorWriter): Promise<void> {
  for await (const page of mirroredUsers(job.context.store, job.connection.id)) {
    job.signal.throwIfAborted();
    await writer.add(page.map(removal), []);
  }
  await writer.flush();
}
