/** The event that tells of a node's change. */
import type { NewEvent } from '@numberyard/kit/log/event';
import { entity, event } from '@numberyard/schema/events';
import type { HierarchyNode } from '../domain/hierarchy.js';
import { nodeFields } from '../models/node.js';
import type { By } from './context.js';

export type NodeEventType =
  'HierarchyNodeCreated' | 'HierarchyNodeRenamed' | 'HierarchyNodeChanged' | 'HierarchyNodeRetired';

/** @param node its state after the event */
export function nodeEvent(type: NodeEventType, node: HierarchyNode, by: By, time: string): NewEvent {
  return event(type, nodeFields(node), {
    retention: 'history',
    entity: entity.node(node.id),
    path: node.path,
    time,
    ...by,
  });
}
