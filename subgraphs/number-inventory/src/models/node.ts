/** Hierarchy nodes. */
import type { HierarchyNodeFields } from '@numberyard/schema/events';
import { defineCollection } from '@numberyard/kit/storage/collection';
import { save, type Doc, type Save } from '@numberyard/kit/storage/port';
import { Schema } from 'mongoose';
import { foldName, type HierarchyNode } from '../domain/hierarchy.js';

export interface NodeDoc extends Doc, HierarchyNode {
  /** The name folded, by which siblings are unique. */
  readonly folded: string;
}

const text = { type: String, required: true };

export const nodes = defineCollection<NodeDoc>({
  name: 'nodes',
  schema: new Schema({
    type: { type: String, required: true },
    name: text,
    folded: text,
    // Empty for the provider, which mongoose would take for missing.
    parent: String,
    path: text,
    numberManagement: Boolean,
    retired: Boolean,
    createdAt: text,
  }),
  keys: {
    byPath: { paths: ['path'], unique: true },
    byType: { paths: ['type', 'path'] },
    bySibling: { paths: ['parent', 'folded'], unique: true },
  },
});

export function saveNode(node: HierarchyNode, version: number): Save {
  return save(nodes, { ...node, folded: foldName(node.name), version });
}

/** What events and listings tell of a node. */
export function nodeFields(node: HierarchyNode): HierarchyNodeFields {
  const { id, type, name, path, numberManagement, retired } = node;
  return { id, type, name, path, numberManagement: numberManagement ?? null, retired };
}
