import { Schema } from 'mongoose';
import { defineCollection } from '@numberyard/kit/storage/collection';
import type { AudioCodesConnection } from '../domain/connection.js';
import { absentable, flag, instant, text } from './fields.js';

export const connections = defineCollection<AudioCodesConnection>({
  name: 'audioCodesConnections',
  schema: new Schema({
    type: text,
    name: text,
    foldedName: text,
    customer: text,
    node: text,
    path: text,
    ancestors: { type: [String], required: true },
    routingManager: text,
    username: text,
    sealedPassword: text,
    authenticationMethod: { type: String, required: true, enum: ['BASIC', 'SESSION'] },
    tlsVerify: flag,
    pinnedCertificate: absentable,
    reachability: new Schema(
      {
        state: { type: String, required: true, enum: ['UNKNOWN', 'REACHABLE', 'UNREACHABLE'] },
        checkedAt: absentable,
        error: absentable,
      },
      { _id: false },
    ),
    lastRun: absentable,
    createdAt: instant,
    updatedAt: instant,
  }),
  keys: {
    byCustomerName: { paths: ['customer', 'foldedName'], unique: true },
    byName: { paths: ['ancestors', 'foldedName'] },
  },
  counters: { perNode: { at: 'ancestors', by: ['type'] } },
});
