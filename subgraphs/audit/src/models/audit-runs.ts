import { defineCollection } from '@numberyard/kit/storage/collection';
import { Schema } from 'mongoose';
import { AUDIT_LEVELS, AUDIT_RUN_STATES, type AuditRun } from '../domain/audit-run.js';

const text = { type: String, required: true };

export const auditRuns = defineCollection<AuditRun>({
  name: 'auditRuns',
  schema: new Schema({
    customer: text,
    ancestors: { type: [String], required: true },
    level: { ...text, enum: AUDIT_LEVELS },
    dryRun: { type: Boolean, required: true },
    state: { ...text, enum: AUDIT_RUN_STATES },
    queuedAt: text,
    startedAt: String,
    finishedAt: String,
  }),
  keys: { byNodeAndTime: { paths: ['ancestors', 'queuedAt'] } },
});
