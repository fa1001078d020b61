import { Schema } from 'mongoose';
import { defineCollection } from '@numberyard/kit/storage/collection';
import type { DataSync, Schedule } from '../domain/items.js';
import { absentable, flag, text } from './fields.js';

const condition = new Schema(
  {
    attribute: { type: String, required: true, enum: ['AOR', 'NUMBER', 'SBC'] },
    operator: { type: String, required: true, enum: ['IN', 'NOT_IN', 'STARTS_WITH'] },
    values: { type: [String], required: true },
  },
  { _id: false },
);

export const dataSyncs = defineCollection<DataSync>({
  name: 'dataSyncs',
  schema: new Schema({
    connection: text,
    name: text,
    kind: { type: String, required: true, enum: ['SYNC', 'PURGE'] },
    enabled: flag,
    operations: { type: [String], required: true },
    allowEmpty: flag,
    // Absent in what was stored before there were filters, and to stay so: nothing is filled in.
    filter: { type: [condition], default: undefined },
  }),
});

export const schedules = defineCollection<Schedule>({
  name: 'schedules',
  schema: new Schema({
    connection: text,
    name: text,
    cron: text,
    timeZone: text,
    enabled: flag,
    nextRunAt: absentable,
    lastRunAt: absentable,
  }),
  keys: { byNextRun: { paths: ['nextRunAt'] } },
});
