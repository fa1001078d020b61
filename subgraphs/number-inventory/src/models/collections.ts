/** All collections of this subgraph's store. */
import type { Collection } from '@numberyard/kit/storage/collection';
import type { Doc } from '@numberyard/kit/storage/port';
import { workerCollections } from '@numberyard/kit/workers/collections';
import { apiKeys } from './api-key.js';
import { coolingSettings } from './cooling-setting.js';
import { imports, refusedLines } from './import.js';
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
  imports,
  refusedLines,
  apiKeys,
  ...workerCollections,
];
