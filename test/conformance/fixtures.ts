/** What the suites store: a document type that uses everything a collection can declare. */
import { Schema } from 'mongoose';
import type { NewEvent } from '@numberyard/kit/log/event';
import { defineCollection } from '@numberyard/kit/storage/collection';
import type { Commit, CommitResult, Conflict, Doc, Store } from '@numberyard/kit/storage/port';

export interface Item extends Doc {
  readonly name: string;
  readonly state: string;
  readonly ancestors: readonly string[];
  readonly rank?: number;
  readonly serial?: string;
  readonly tags?: readonly string[];
  readonly note?: string | null;
  readonly hidden?: boolean;
}

export const items = defineCollection<Item>({
  name: 'items',
  schema: new Schema({
    name: { type: String, required: true, maxlength: 200 },
    state: { type: String, required: true, enum: ['NEW', 'OPEN', 'DONE'] },
    ancestors: { type: [String], required: true },
    rank: Number,
    serial: String,
    tags: [String],
    note: String,
    hidden: Boolean,
  }),
  keys: {
    name: { paths: ['name'] },
    serial: { paths: ['serial'], unique: true },
    tag: { paths: ['tags'], unique: true },
    rank: { paths: ['rank'] },
    place: { paths: ['ancestors', 'state', 'name'] },
    placeByName: { paths: ['ancestors', 'name'] },
  },
  counters: {
    states: { at: 'ancestors', by: ['state'] },
    tagged: { at: 'ancestors', by: ['state', 'tags'] },
  },
});

export const anchors = defineCollection<Doc & { readonly value: number }>({
  name: 'anchors',
  schema: new Schema({ value: Number }),
});

export const collections = [items, anchors];

export const TIME = '2026-03-01T10:00:00.000Z';

export function item(id: string, values: Partial<Item> = {}): Item {
  return { id, version: 0, name: id, state: 'NEW', ancestors: ['root'], ...values };
}

export function event(entity: string, values: Partial<NewEvent> = {}): NewEvent {
  return {
    type: 'itemChanged',
    retention: 'history',
    entity: `item:${entity}`,
    path: 'root',
    actor: { type: 'WORKER', id: 'test' },
    time: TIME,
    fields: { entity },
    ...values,
  };
}

export function saving(...docs: readonly Item[]): Commit {
  return { save: docs.map((doc) => ({ collection: items.name, doc })) };
}

/** Tries of a commit before a conflict is believed: no store invents one this often in a row. */
const TRIES = 12;

/**
 * The store's settled answer. A store may answer STALE though nothing is wrong; a conflict that is real comes again and again.
 */
export async function settled(store: Store, commit: Commit): Promise<CommitResult> {
  let answer: CommitResult = { ok: false, conflicts: [] };
  for (let tried = 0; tried < TRIES; tried += 1) {
    answer = await store.commit(commit);
    if (answer.ok || answer.conflicts.some(({ kind }) => kind !== 'STALE')) return answer;
  }
  return answer;
}

/** The conflicts a commit settles at; none when it is applied. */
export async function conflictsOf(store: Store, commit: Commit): Promise<readonly Conflict[]> {
  const answer = await settled(store, commit);
  return answer.ok ? [] : answer.conflicts;
}

/** Apply a commit that nothing stands against. */
export async function apply(store: Store, commit: Commit): Promise<string> {
  const answer = await settled(store, commit);
  if (!answer.ok) throw new Error(`not applied: ${JSON.stringify(answer.conflicts)}`);
  return answer.cursor;
}

/** Read, change and save a document until nobody came in between. */
export async function change(store: Store, id: string, next: (now: Item) => Item): Promise<void> {
  for (;;) {
    const now = await store.get(items, id);
    if (!now) throw new Error(`no ${id}`);
    if ((await store.commit(saving(next(now)))).ok) return;
  }
}
