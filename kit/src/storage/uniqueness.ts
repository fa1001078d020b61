/** Judging what a commit would write by the unique keys. */
import type { ChangingKey, EntryChange } from './changes.js';
import type { Conflict } from './port.js';

/** One document that a commit would save or remove. */
export interface UniqueWrite {
  readonly collection: string;
  readonly id: string;
  readonly changes: readonly EntryChange<ChangingKey>[];
}

/**
 * The conflicts of a commit's writes with documents that stay as they are and with one another, at most one per document. Values that the commit
 * itself gives up are free, so that two documents may exchange theirs.
 */
export function judgeUniqueness(writes: readonly UniqueWrite[]): Conflict[] {
  const conflicts: Conflict[] = [];
  const given = new Set<string>();
  const taken = new Set<string>();
  const unique = writes.flatMap((write) =>
    write.changes.filter(({ key }) => key.unique).map((change) => ({ ...change, write })),
  );
  const nameOf = (write: UniqueWrite, key: string, values: readonly unknown[]) =>
    JSON.stringify([write.collection, key, values]);
  for (const { write, key, removed } of unique) {
    for (const values of removed) given.add(nameOf(write, key.name, values));
  }
  for (const { write, key, added } of unique) {
    for (const values of added) {
      const name = nameOf(write, key.name, values);
      const free = !taken.has(name) && (given.has(name) || key.holder(values) === undefined);
      taken.add(name);
      if (free) continue;
      conflicts.push({ kind: 'TAKEN', collection: write.collection, id: write.id, key: key.name });
      break;
    }
  }
  return conflicts;
}
