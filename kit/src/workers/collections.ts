/** The collections every subgraph has for its workers; part of each subgraph's declaration. */
import { Schema } from 'mongoose';
import { defineCollection } from '../storage/collection.js';
import type { Doc } from '../storage/port.js';

/** Who may run a loop. Its version is the fence: it changes only when the holder does. */
export interface LeaseDoc extends Doc {
  /** Id of the holding process; empty when given back. */
  readonly holder: string;
}

/** A living process's heartbeat; one document for all its leases. */
export interface HolderDoc extends Doc {
  readonly beats: number;
}

/** How far a follower has applied another log. */
export interface CursorDoc extends Doc {
  readonly epoch: string;
  readonly position: number;
}

/** How far another store's follower has applied this store's log; its id is that store's name. */
export interface FollowerDoc extends Doc {
  readonly epoch: string;
  readonly position: number;
}

const text = { type: String, required: true };
const count = { type: Number, required: true, min: 0 };

export const leases = defineCollection<LeaseDoc>({ name: 'leases', schema: new Schema({ holder: String }) });
export const holders = defineCollection<HolderDoc>({ name: 'holders', schema: new Schema({ beats: count }) });
export const cursors = defineCollection<CursorDoc>({
  name: 'cursors',
  schema: new Schema({ epoch: text, position: count }),
});

export const followers = defineCollection<FollowerDoc>({
  name: 'followers',
  schema: new Schema({ epoch: text, position: count }),
});

export const workerCollections = [leases, holders, cursors, followers];
