import { defineCollection } from '@numberyard/kit/storage/collection';
import { Schema } from 'mongoose';
import type { NetworkResource } from '../domain/network-resource.js';

const text = { type: String, required: true };

export const networkResources = defineCollection<NetworkResource>({
  name: 'networkResources',
  schema: new Schema({ name: text, node: text, ancestors: { type: [String], required: true }, createdAt: text }),
  keys: { byNodeAndName: { paths: ['ancestors', 'name'] } },
});
