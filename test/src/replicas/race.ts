/** What the processes of the race write: writers in several replicas of one store, and a follower that copies their log into a store of its own. */
import { openMongoStore } from '@numberyard/kit/storage/mongo/open';
import { defineCollection } from '@numberyard/kit/storage/collection';
import type { Doc, Store } from '@numberyard/kit/storage/port';
import { workerCollections } from '@numberyard/kit/workers/collections';
import { Schema } from 'mongoose';

/** How often a writer has written; its own document. */
export interface Lane extends Doc {
  readonly written: number;
}
export const lanes = defineCollection<Lane>({ name: 'lanes', schema: new Schema({ written: Number }) });

/** How often any writer of any replica has had its turn; the document they all fight for. */
export interface Turns extends Doc {
  readonly taken: number;
}
export const turns = defineCollection<Turns>({ name: 'turns', schema: new Schema({ taken: Number }) });
export const TURNS = 'all';

/** How many events the follower has copied, counted in the commits that copy them. */
export interface Copied extends Doc {
  readonly count: number;
}
export const copied = defineCollection<Copied>({ name: 'copied', schema: new Schema({ count: Number }) });
export const COPIED = 'all';

/** Type of the events the writers tell and the follower tells on. */
export const WRITTEN = 'written';

export function openSource(uri: string): Promise<Store> {
  return openMongoStore({ uri, name: 'source', collections: [lanes, turns] });
}

export function openCopy(uri: string): Promise<Store> {
  return openMongoStore({ uri, name: 'copy', collections: [copied, ...workerCollections] });
}
