import { defineCollection } from '@numberyard/kit/storage/collection';
import { Schema } from 'mongoose';
import {
  AUDIT_ERROR_CODES,
  AUDIT_LEVELS,
  AUDIT_PHASES,
  AUDIT_RUN_STATES,
  AUDIT_TRIGGERS,
  type ActiveAudit,
  type AuditBatch,
  type AuditRun,
} from '../domain/audit-run.js';
import { FINDING_KINDS } from '../domain/finding.js';
import { absentable, count, flag, instant, text } from './fields.js';

const part = { _id: false };

export const auditRuns = defineCollection<AuditRun>({
  name: 'auditRuns',
  schema: new Schema({
    customer: text,
    path: text,
    ancestors: { type: [String], required: true },
    level: { ...text, enum: AUDIT_LEVELS },
    sites: { type: [String], default: undefined },
    dryRun: flag,
    trigger: { ...text, enum: AUDIT_TRIGGERS },
    applies: absentable,
    appliedBy: absentable,
    state: { ...text, enum: AUDIT_RUN_STATES },
    phase: { ...text, enum: AUDIT_PHASES },
    upTo: absentable,
    positions: new Schema({ numbers: absentable, uses: absentable, services: absentable }, part),
    compared: count,
    total: Number,
    counts: new Schema({ created: count, updated: count, unchanged: count, skipped: count, conflicts: count }, part),
    findings: count,
    findingCounts: [new Schema({ kind: { ...text, enum: FINDING_KINDS }, count }, part)],
    batch: count,
    sources: [new Schema({ connection: text, name: text, lastSuccessfulSync: absentable }, part)],
    startedBy: text,
    requestId: absentable,
    attempts: count,
    queuedAt: instant,
    startedAt: absentable,
    finishedAt: absentable,
    error: new Schema({ code: { ...text, enum: AUDIT_ERROR_CODES }, message: text }, part),
  }),
  keys: {
    byNodeAndTime: { paths: ['ancestors', 'queuedAt'] },
    byNodeState: { paths: ['ancestors', 'state', 'queuedAt'] },
  },
});

/** Ids are those of the customers. */
export const activeAudits = defineCollection<ActiveAudit>({
  name: 'activeAudits',
  schema: new Schema({ run: text, queuedAt: instant, lane: { type: Number, required: true }, cancel: flag }),
  keys: { byLane: { paths: ['lane', 'queuedAt'] } },
});

const service = new Schema({ ref: text, usage: text, vendor: absentable, node: text, usedBy: text }, part);
const number = new Schema({ number: text, mark: absentable, services: [service], duplicate: absentable }, part);

/** Ids are those of the runs. */
export const auditBatches = defineCollection<AuditBatch>({
  name: 'auditBatches',
  schema: new Schema({ batch: count, numbers: [number] }),
});
