import { defineCollection } from '@numberyard/kit/storage/collection';
import { Schema } from 'mongoose';
import { SERVICE_KINDS, type NumberService } from '../domain/number-service.js';
import { absentable, count, emptiable, instant, text } from './fields.js';

export const numberServices = defineCollection<NumberService>({
  name: 'numberServices',
  schema: new Schema({
    customer: text,
    node: text,
    path: text,
    ancestors: { type: [String], required: true },
    kind: { ...text, enum: Object.keys(SERVICE_KINDS) },
    name: text,
    line: count,
    number: text,
    cluster: emptiable,
    partition: emptiable,
    mac: absentable,
    vendor: absentable,
    createdAt: instant,
    updatedAt: instant,
  }),
  keys: {
    // Also the order in which an audit finds the same name, or MAC, in different clusters side by side.
    byName: { paths: ['customer', 'kind', 'name', 'cluster', 'line'], unique: true },
    byMac: { paths: ['customer', 'mac', 'cluster', 'line'], unique: true },
    // To their ends, so that what has the same number or name comes in an order that says something, and the same in every installation.
    byNumber: { paths: ['ancestors', 'number', 'kind', 'name', 'cluster', 'line'] },
    byNodeName: { paths: ['ancestors', 'name', 'kind', 'cluster', 'line'] },
    byNodeKind: { paths: ['ancestors', 'kind', 'name', 'cluster', 'line'] },
    byNodeKindNumber: { paths: ['ancestors', 'kind', 'number', 'name', 'cluster', 'line'] },
  },
});
