/** Hierarchy nodes. */
import type { HierarchyNodeFields } from '@numberyard/schema/events';
import { defineCollection } from '@numberyard/kit/storage/collection';
import { save, type Doc, type Save } from '@numberyard/kit/storage/port';
import { Schema } from 'mongoose';
import { dialPlanOf, foldName, type HierarchyNode } from '../domain/hierarchy.js';

export interface NodeDoc extends Doc, HierarchyNode {
  /** The name folded, by which live siblings are unique. */
  readonly folded: string;
  /** Id of the customer, set while a live site has a code: so no two of its sites have the same. */
  readonly codeOwner?: string | undefined;
  /** Set while somebody looks whether the node is empty, see `commands/while-empty.ts`. */
  readonly lookedAt?: boolean | undefined;
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
    dialPlan: String,
    siteLocationCode: String,
    codeOwner: String,
    lookedAt: Boolean,
    retired: Boolean,
    createdAt: text,
  }),
  keys: {
    byPath: { paths: ['path'], unique: true },
    byType: { paths: ['type', 'path'] },
    bySibling: { paths: ['parent', 'folded'], unique: true },
    byCode: { paths: ['codeOwner', 'siteLocationCode'], unique: true },
  },
});

/** Save a node's next state over the version it was read at; 0 for one that is new. */
export function saveNode(node: HierarchyNode & Pick<NodeDoc, 'codeOwner' | 'lookedAt'>, version: number): Save {
  const name = foldName(node.name);
  // A retired node leaves its name to others.
  return save(nodes, { ...node, folded: node.retired ? `${name}\n${node.id}` : name, version });
}

/** What events and listings tell of a node. */
export function nodeFields(node: HierarchyNode): HierarchyNodeFields {
  const { id, type, name, path, numberManagement, siteLocationCode, retired } = node;
  return {
    id,
    type,
    name,
    path,
    numberManagement: numberManagement ?? null,
    ...(type === 'CUSTOMER' && { dialPlan: dialPlanOf(node) }),
    ...(siteLocationCode !== undefined && { siteLocationCode }),
    retired,
  };
}
