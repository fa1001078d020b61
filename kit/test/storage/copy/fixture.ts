/** A store with everything a copy has to carry over, and folders that go away. */
import { Schema } from 'mongoose';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineCollection } from '@numberyard/kit/storage/collection';
import { openEmbeddedStore } from '@numberyard/kit/storage/embedded/open';
import { absent, asRead, save, type Doc, type Store } from '@numberyard/kit/storage/port';
import { cursors, holders, leases, workerCollections } from '@numberyard/kit/workers/collections';

export interface Thing extends Doc {
  readonly value: string;
  readonly at: readonly string[];
  readonly extras?: unknown;
}

export const things = defineCollection<Thing>({
  name: 'things',
  schema: new Schema({ value: String, at: [String], extras: {} }),
  keys: { byValue: { paths: ['value'], unique: true }, byPlace: { paths: ['at', 'value'] } },
  counters: { perPlace: { at: 'at', by: ['value'] } },
});

export const collections = [things, ...workerCollections];

const folders: string[] = [];

export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'numberyard-copy-'));
  folders.push(folder);
  return folder;
}

export async function removeFolders(): Promise<void> {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
}

export function open(folder: string, name = 'things'): Promise<Store> {
  return openEmbeddedStore({ folder, name, collections });
}

/** 600 things with ids and texts of every kind, one removed, a request, a cursor, a lease at version 3 and a heartbeat. */
export async function fill(store: Store): Promise<void> {
  for (let begin = 0; begin < 600; begin += 300) {
    const made = Array.from({ length: 300 }, (_, index) => thing(begin + index));
    await store.commit({
      save: made.map((doc) => save(things, doc)),
      events: made.map(({ id }) => ({
        type: 'made',
        retention: begin === 0 ? ('passing' as const) : ('history' as const),
        entity: `thing:${id}`,
        path: 'a.b',
        actor: { type: 'WORKER' as const, id: 'test' },
        time: '2026-01-02T03:04:05.006Z',
        fields: { id, 'odd.$name': [null, 1.5] },
      })),
    });
  }
  const gone = await store.get(things, thing(7).id);
  if (gone) await store.commit({ remove: [asRead(things, gone)] });
  await store.commit({
    expect: [absent(things, 'nothing')],
    save: [save(cursors, { id: 'elsewhere', version: 0, epoch: 'other', position: 41 })],
    request: { caller: 'key:1', mutation: 'make', key: 'k', hash: 'h', result: { ids: ['a'], none: null } },
  });
  for (const version of [0, 1, 2]) await store.commit({ save: [save(leases, { id: 'sweep', version, holder: 'me' })] });
  await store.commit({ save: [save(holders, { id: 'me', version: 0, beats: 1 })] });
}

export function thing(index: number): Thing {
  // A line separator is no end of a line, and code units order these two ids the other way round than bytes do.
  const id = index === 3 ? '\u{ff5e}wide' : index === 4 ? '\u{1f600}smile' : `t${index}`;
  return {
    id,
    version: 0,
    value: `value ${index}\u2028\r\n"`,
    at: ['a', `a.${index % 5}`],
    ...(index % 2 === 0 && { extras: { b: 1, a: { $set: 'x', 'p.q': [] }, 10: 'ten', 9: null } }),
  };
}

/** All that a copy has to have in common with its original, leases and heartbeats aside. */
export async function contents(store: Store): Promise<unknown> {
  const { head, floors } = await store.log.state();
  const events = [];
  for (let after = 0; after < head;) {
    const batch = await store.log.read({ after, limit: 1_000 });
    events.push(...batch.events);
    after = batch.upTo;
  }
  const documents: Thing[] = [];
  let after: readonly (string | number)[] | undefined;
  do {
    const page = await store.find(things, {
      key: 'byPlace',
      equals: ['a'],
      limit: 1_000,
      ...(after && { after }),
    });
    documents.push(...page.items);
    after = page.after;
  } while (after);
  return {
    head,
    floors,
    events,
    documents,
    counts: (await store.counts(things, 'perPlace', 'a.1')).sort((a, b) =>
      String(a.values) < String(b.values) ? -1 : 1,
    ),
    cursor: await store.get(cursors, 'elsewhere'),
    request: await store.request('key:1', 'make', 'k'),
    wrong: await store.verify(),
  };
}
