import { createHash } from 'node:crypto';
import { PAGE_LIMIT, save, type Instant, type Save, type Store } from '@numberyard/kit/storage/port';
import type { FoundIssue, SyncIssue } from '../domain/issue.js';
import { syncIssues } from '../models/sync-runs.js';

/** Saves of those issues the run does not have yet: an issue is kept once per run, whatever finds it again. */
export async function newIssues(
  store: Store,
  run: string,
  found: readonly FoundIssue[],
  time: Instant,
): Promise<Save[]> {
  const byId = new Map(found.map((issue) => [issueId(run, issue), issue]));
  if (byId.size === 0) return [];
  const ids = [...byId.keys()];
  const known: (SyncIssue | undefined)[] = [];
  for (let from = 0; from < ids.length; from += PAGE_LIMIT) {
    known.push(...(await store.getMany(syncIssues, ids.slice(from, from + PAGE_LIMIT))));
  }
  return ids.flatMap((id, index) => {
    const issue = byId.get(id);
    return !issue || known[index] ? [] : [save(syncIssues, { id, version: 0, run, ...issue, time })];
  });
}

function issueId(run: string, { kind, subject = '' }: FoundIssue): string {
  const digest = createHash('sha256').update(`${kind}\n${subject}`).digest('base64url');
  return `${run}.${digest.slice(0, 22)}`;
}
