import { Schema } from 'mongoose';
import { defineCollection } from '@numberyard/kit/storage/collection';
import type { DataSync, Schedule } from '../domain/items.js';
import { absentable, flag, text } from './fields.js';

export const dataSyncs = defineCollection<DataSync>({
  name: 'dataSyncs',
  schema: new Schema({
    connection: text,
    name: text,
    kind: { type: String, required: true, enum: ['SYNC', 'PURGE'] },
    enabled: flag,
    operations: { type: [String], required: true },
    allowEmpty: flag,
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
