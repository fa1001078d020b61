import { defineCollection } from '@numberyard/kit/storage/collection';
import { Schema } from 'mongoose';
import { AUDIT_LEVELS } from '../domain/audit-run.js';
import type { AuditSchedule } from '../domain/schedule.js';
import { absentable, flag, text } from './fields.js';

/** Ids are those of the customers. */
export const auditSchedules = defineCollection<AuditSchedule>({
  name: 'auditSchedules',
  schema: new Schema({
    path: text,
    ancestors: { type: [String], required: true },
    cron: text,
    timeZone: text,
    enabled: flag,
    level: { ...text, enum: AUDIT_LEVELS },
    sites: { type: [String], default: undefined },
    dryRun: flag,
    nextRunAt: absentable,
    lastRunAt: absentable,
  }),
  keys: { byNextRun: { paths: ['nextRunAt'] } },
});
