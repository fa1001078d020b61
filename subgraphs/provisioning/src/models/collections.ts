import { mirroredNodes } from '@numberyard/kit/hierarchy/node';
import { workerCollections } from '@numberyard/kit/workers/collections';
import { networkResources } from './network-resources.js';

/** All this subgraph stores. */
export const collections = [networkResources, mirroredNodes, ...workerCollections];
