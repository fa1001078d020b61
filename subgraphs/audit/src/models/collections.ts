import { importCollections } from '@numberyard/kit/files/import-collections';
import { mirroredNodes } from '@numberyard/kit/hierarchy/node';
import { workerCollections } from '@numberyard/kit/workers/collections';
import { activeAudits, auditBatches, auditRuns } from './audit-runs.js';
import { auditSchedules } from './audit-schedules.js';
import { findings, lastFindings } from './findings.js';
import { numberServices } from './number-services.js';

/** All this subgraph stores. */
export const collections = [
  auditRuns,
  activeAudits,
  auditBatches,
  findings,
  lastFindings,
  numberServices,
  auditSchedules,
  ...importCollections,
  mirroredNodes,
  ...workerCollections,
];
