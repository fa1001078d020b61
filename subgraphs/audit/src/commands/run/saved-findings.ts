import { save, type Save, type Store } from '@numberyard/kit/storage/port';
import type { Finding } from '../../domain/finding.js';
import { findings, lastFindings } from '../../models/findings.js';

/** The saves that keep new findings, each number's last one being known as that. */
export async function savedFindings(store: Store, made: readonly Finding[]): Promise<Save[]> {
  const last = new Map(made.flatMap(({ id, numberId }) => (numberId === undefined ? [] : [[numberId, id] as const])));
  const numbers = [...last.keys()];
  const known = await store.getMany(lastFindings, numbers);
  return [
    ...made.map((finding) => save(findings, finding)),
    ...numbers.map((id, index) =>
      save(lastFindings, { id, version: known[index]?.version ?? 0, finding: last.get(id) ?? '' }),
    ),
  ];
}
