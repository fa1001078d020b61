/** What a document's change does to the entries of its keys and counters. */
import { type Entry, entriesOf, type PathValues, sameValues, valuesAt } from './entries.js';
import type { KeyValue } from './port.js';

/** A key as far as judging a change needs it. */
export interface ChangingKey {
  readonly name: string;
  readonly unique: boolean;
  readonly paths: readonly string[];
  /** Id of the document that holds these values; asked of unique keys only. */
  holder(values: Entry): string | undefined;
}

/** What a save or removal changes besides the document: computed before anything is written, so that a loser writes nothing. */
export interface EntryChange<Key extends ChangingKey> {
  readonly key: Key;
  readonly removed: readonly Entry[];
  readonly added: readonly Entry[];
}

/** The keys whose entries differ before and after. An undefined document has none. */
export function changesOf<Key extends ChangingKey>(
  keys: readonly Key[],
  before: unknown,
  after: unknown,
): EntryChange<Key>[] {
  const changes: EntryChange<Key>[] = [];
  for (const key of keys) {
    const [old, now] = entriesAround(key.paths, before, after);
    if (old.length === 0 && now.length === 0) continue;
    const removed = now.length === 0 ? old : old.filter((entry) => !includes(now, entry));
    const added = old.length === 0 ? now : now.filter((entry) => !includes(old, entry));
    if (removed.length > 0 || added.length > 0) changes.push({ key, removed, added });
  }
  return changes;
}

/** Entries before and after a change, both empty when the paths' values are the same. An undefined document has none. */
export function entriesAround(paths: readonly string[], before: unknown, after: unknown): readonly [Entry[], Entry[]] {
  const old: PathValues | undefined = before === undefined ? undefined : valuesAt(before, paths);
  const now: PathValues | undefined = after === undefined ? undefined : valuesAt(after, paths);
  if (old && now && sameValues(old, now)) return [[], []];
  return [old ? entriesOf(old) : [], now ? entriesOf(now) : []];
}

function includes(entries: readonly Entry[], wanted: Entry): boolean {
  return entries.some((entry) => entry.every((value: KeyValue, index) => value === wanted[index]));
}
