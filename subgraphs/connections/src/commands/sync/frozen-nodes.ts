import type { SyncJob } from './job.js';

/** Ids of the nodes (SBCs) that are locked or out of sync, and of those that were before: what is said of their users means nothing. */
export async function frozenNodes(job: SyncJob, before: ReadonlySet<string> = new Set()): Promise<Set<string>> {
  const nodes = await job.client.nodes(job.signal);
  return new Set([...before, ...nodes.filter((node) => node.frozen).map((node) => node.id)]);
}
