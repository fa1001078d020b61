/** All collections of this subgraph's store. */
import type { Collection } from '@numberyard/kit/storage/collection';
import type { Doc } from '@numberyard/kit/storage/port';
import { workerCollections } from '@numberyard/kit/workers/collections';
import { apiKeys } from './api-key.js';
import { macros } from './macro.js';
import { nodes } from './node.js';
import { numbers } from './number.js';

export const collections: readonly Collection<Doc>[] = [numbers, nodes, macros, apiKeys, ...workerCollections];
