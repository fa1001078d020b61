import type { Store } from '@numberyard/kit/storage/port';
import type { Finding } from '../domain/finding.js';
import { findings, lastFindings } from '../models/findings.js';

/** The last finding about each number, in the order of their ids. @param numbers at most 1,000 */
export async function lastFindingsOf(store: Store, numbers: readonly string[]): Promise<(Finding | undefined)[]> {
  const last = await store.getMany(lastFindings, numbers);
  const known = last.flatMap((each) => (each ? [each.finding] : []));
  const found = new Map((await store.getMany(findings, known)).map((finding) => [finding?.id, finding]));
  return last.map((each) => each && found.get(each.finding));
}
