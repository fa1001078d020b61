import { mirroredNodes } from '@numberyard/kit/hierarchy/node';
import { workerCollections } from '@numberyard/kit/workers/collections';
import { auditRuns } from './audit-runs.js';

/** All this subgraph stores. */
export const collections = [auditRuns, mirroredNodes, ...workerCollections];
