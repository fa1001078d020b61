import { mirroredNodes } from '@numberyard/kit/hierarchy/node';
import { workerCollections } from '@numberyard/kit/workers/collections';
import { connections } from './connections.js';
import { dataSyncs, schedules } from './items.js';
import { registeredUsers } from './registered-users.js';
import { activeRuns, syncEffects, syncIssues, syncRuns } from './sync-runs.js';

/** Everything this subgraph stores. */
export const collections = [
  connections,
  dataSyncs,
  schedules,
  syncRuns,
  activeRuns,
  syncEffects,
  syncIssues,
  registeredUsers,
  mirroredNodes,
  ...workerCollections,
];
