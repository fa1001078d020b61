/** All collections of this subgraph's store. */
import { importCollections } from '@numberyard/kit/files/import-collections';
import type { Collection } from '@numberyard/kit/storage/collection';
import type { Doc } from '@numberyard/kit/storage/port';
import { workerCollections } from '@numberyard/kit/workers/collections';
import { apiKeys } from './api-key.js';
import { coolingSettings } from './cooling-setting.js';
import { correctionBatches } from './correction-batch.js';
import { macros } from './macro.js';
import { nodes } from './node.js';
import { numbers } from './number.js';
import { owedUses } from './owed-uses.js';

export const collections: readonly Collection<Doc>[] = [
  numbers,
  nodes,
  macros,
  coolingSettings,
  owedUses,
  correctionBatches,
  ...importCollections,
  apiKeys,
  ...workerCollections,
];
