import { Schema } from 'mongoose';
import { defineCollection } from '@numberyard/kit/storage/collection';
import type { RegisteredUser } from '../domain/registered-user.js';
import { absentable, instant, text } from './fields.js';

/** Ids are made of the connection's and the Routing Manager's own. */
export const registeredUsers = defineCollection<RegisteredUser>({
  name: 'registeredUsers',
  schema: new Schema({
    connection: text,
    armId: text,
    aor: text,
    number: absentable,
    state: { type: String, required: true, enum: ['ONLINE', 'OFFLINE'] },
    sbc: text,
    sbcName: text,
    inUse: absentable,
    changedAt: instant,
  }),
  keys: {
    byConnection: { paths: ['connection', 'aor'] },
    inUse: { paths: ['connection', 'inUse'] },
  },
  counters: { perConnection: { at: 'connection', by: ['state'] } },
});
