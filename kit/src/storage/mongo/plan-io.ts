/** What a group's plan reads and writes, in as few round trips as there are collections. All of it one after the other: a transaction takes no two at once. */
import type { mongo } from 'mongoose';
import type { Entry } from '../entries.js';
import { type KeyValue, StoreError } from '../port.js';
import type { Group } from '../prepared.js';
import { type Declared, type DeclaredKey, projectionOf } from './declared.js';
import { storedPath, type Stored } from './documents.js';
import type { CollectionWrites, HeldCollection } from './held.js';
import { type Collections, countersId, HEAD_ID, type HeadDoc } from './layout.js';
import type { GroupPlan, GroupWrites } from './plan.js';

/** Documents a server hands out at once: all of them, as far as they fit into one answer. Its own first batch would be 101. */
const BATCH = 10_000;

/**
 * Read where the log stands and what was removed.
 * @throws StoreError UNAVAILABLE when the database is gone, or another version of the program counts what the group changes otherwise: commits that do
 *   not move its counters would spoil them
 */
export async function loadHead(
  { meta }: Collections,
  { commits }: Group,
  declared: ReadonlyMap<string, Declared>,
  session: mongo.ClientSession,
): Promise<HeadDoc> {
  const changed = commits.flatMap(({ save, remove }) => [...save, ...remove].map(({ collection }) => collection));
  const names = new Map([...new Set(changed)].map((name) => [countersId(name), name]));
  const found = await meta.find({ _id: { $in: [HEAD_ID, ...names.keys()] } }, { session }).toArray();
  for (const doc of found) {
    const name = names.get(doc._id) ?? '';
    if (!('fingerprint' in doc) || doc.fingerprint === declared.get(name)?.fingerprint) continue;
    throw new StoreError(
      'UNAVAILABLE',
      `Another version of this program has been started, which counts ${name} otherwise: start that version here too.`,
    );
  }
  const head = found.find(({ _id }) => _id === HEAD_ID) as HeadDoc | undefined;
  if (!head) throw new StoreError('UNAVAILABLE', 'The database was removed while the store was open.');
  return head;
}

/** Read everything the group's commits touch. */
export async function loadPlan(collections: Collections, plan: GroupPlan, session: mongo.ClientSession): Promise<void> {
  if (plan.requestIds.length > 0) {
    const found = collections.requests.find(
      { _id: { $in: [...plan.requestIds] } },
      { session, projection: { time: 1 }, batchSize: BATCH },
    );
    plan.loadRequests(await found.toArray());
  }
  for (const held of plan.collections) {
    const documents = collections.db.collection<Stored>(held.name);
    const { projection } = held.declared;
    held.load(
      await documents.find({ _id: { $in: [...held.ids] } }, { session, projection, batchSize: BATCH }).toArray(),
    );
    await loadHolders(documents, held, session);
  }
}

async function loadHolders(
  documents: mongo.Collection<Stored>,
  held: HeldCollection,
  session: mongo.ClientSession,
): Promise<void> {
  const wanted = held.wanted();
  if (wanted.length === 0) return;
  const branches = wanted.flatMap(({ key, entries }) => holdersOf(key, entries));
  const [only] = branches;
  const filter = branches.length === 1 && only ? only : { $or: branches };
  const projection = projectionOf(wanted.flatMap(({ key }) => key.paths));
  held.loadHolders(await documents.find(filter, { session, projection, batchSize: BATCH }).toArray());
}

/** Conditions that find the holders of a unique key's values: one for all values that differ in the last path only. */
function holdersOf({ paths }: DeclaredKey, entries: readonly Entry[]): mongo.Filter<Stored>[] {
  const groups = new Map<string, { readonly first: Entry; readonly last: KeyValue[] }>();
  for (const entry of entries) {
    const first = entry.slice(0, -1);
    const name = JSON.stringify(first);
    const group = groups.get(name) ?? { first, last: [] };
    groups.set(name, group);
    group.last.push(...entry.slice(-1));
  }
  const stored = paths.map(storedPath);
  return [...groups.values()].map(({ first, last }) =>
    Object.fromEntries(stored.map((path, index) => [path, index < first.length ? first[index] : { $in: last }])),
  );
}

/** Write what the group comes to. Counters and then the log's head are moved last: there rivals meet, and the later they do the shorter. */
export async function writeGroup(
  collections: Collections,
  writes: GroupWrites,
  session: mongo.ClientSession,
  slot: { readonly committer: string; readonly attempt: string },
): Promise<void> {
  for (const one of writes.collections) await writeCollection(collections, one, session);
  if (writes.requests.length > 0) {
    const records = writes.requests.map((replacement) => ({
      replaceOne: { filter: { _id: replacement._id }, replacement, upsert: true },
    }));
    await collections.requests.bulkWrite(records, { session });
  }
  if (writes.events.length > 0) await collections.events.insertMany([...writes.events], { session });
  const counts = writes.collections.flatMap((one) => one.counts);
  if (counts.length > 0) {
    const moves = counts.map(({ _id, count, ...row }) => ({
      updateOne: { filter: { _id }, update: { $inc: { count }, $setOnInsert: row }, upsert: true },
    }));
    await collections.counters.bulkWrite(moves, { session });
  }
  const removed = Object.entries(writes.removed).map(([name, version]) => [`removed.${name}`, version] as const);
  await collections.meta.updateOne(
    { _id: HEAD_ID },
    {
      $inc: { turn: 1, ...(writes.moved > 0 && { head: writes.moved }) },
      $set: {
        [`committers.${slot.committer}`]: { attempt: slot.attempt, at: new Date().toISOString() },
        ...Object.fromEntries(removed),
      },
    },
    { session },
  );
}

async function writeCollection(
  { db }: Collections,
  { collection, deletes, inserts, replaces }: CollectionWrites,
  session: mongo.ClientSession,
): Promise<void> {
  const documents = db.collection<Stored>(collection);
  if (deletes.length > 0) await documents.deleteMany({ _id: { $in: [...deletes] } }, { session });
  if (inserts.length > 0) await documents.insertMany([...inserts] as never, { session });
  if (replaces.length === 0) return;
  const updates = replaces.map(({ _id, ...replacement }) => ({ replaceOne: { filter: { _id }, replacement } }));
  await documents.bulkWrite(updates, { session });
}
