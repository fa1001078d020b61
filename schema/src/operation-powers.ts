/**
 * Which power each door of the graph asks for: root fields, entities by reference, fields added
 * to entities of others, and the routes beside the graph. The one place: `guardSchema` enforces it
 * and does not start a subgraph that has a door without an entry; the tests and docs/rights.md are made of it.
 */
import type { Power } from './rights.js';

/** A power, and what an input that sets a flag needs beside it. */
export type Need = Power | { readonly always: Power; readonly with: Readonly<Record<string, Power>> };
type Needs = Readonly<Record<string, Need>>;

/** A power for each of some fields. */
const each = <Name extends string>(power: Power, ...names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, power])) as Readonly<Record<Name, Power>>;

const saveConnection: Need = { always: 'ADMINISTER_CONNECTIONS', with: { syncOnSave: 'RUN_SYNCS' } };

export const OPERATION_POWERS = {
  Query: {
    ...each('READ_NUMBERS', 'numbers', 'number', 'numberByValue', 'numberSummary'),
    ...each('READ', 'hierarchyNodes', 'hierarchyNode', 'macros', 'coolingSettings'),
    ...each('READ', 'audioCodesConnections', 'audioCodesConnection', 'syncRuns', 'syncRun'),
    ...each('READ', 'auditRuns', 'auditRun', 'auditSchedule', 'numberServices', 'numberService'),
    ...each('READ', 'networkResources'),
    ...each('MANAGE_API_KEYS', 'apiKeys'),
  },
  Mutation: {
    ...each('USE_NUMBERS', 'claimNextAvailableNumber', 'assignNumber', 'releaseNumber', 'updateNumber'),
    ...each('MANAGE_NUMBERS', 'addNumbers', 'moveNumbers', 'deleteNumbers', 'reserveNumbers', 'unreserveNumbers'),
    ...each('MANAGE_NUMBERS', 'startCooling', 'endCooling'),
    ...each('SET_MACROS', 'setMacro', 'setCoolingSettings'),
    ...each('MANAGE_HIERARCHY', 'createHierarchyNode', 'updateHierarchyNode', 'retireHierarchyNode'),
    ...each('MANAGE_API_KEYS', 'createApiKey', 'revokeApiKey'),
    createAudioCodesConnection: saveConnection,
    updateAudioCodesConnection: saveConnection,
    ...each('ADMINISTER_CONNECTIONS', 'deleteAudioCodesConnection', 'testAudioCodesConnection'),
    ...each('ADMINISTER_CONNECTIONS', 'updateDataSync', 'updateSchedule'),
    ...each('RUN_SYNCS', 'runDataSync', 'cancelSyncRun'),
    ...each('AUDIT', 'startAudit', 'applyAudit', 'cancelAudit', 'updateAuditSchedule'),
    ...each('AUDIT', 'createNumberService', 'updateNumberService', 'deleteNumberServices'),
  },
  Subscription: {
    ...each('READ_NUMBERS', 'numberChanged', 'coolingChanged'),
    ...each('READ', 'syncRunUpdated', 'connectionReachabilityChanged', 'auditRunUpdated'),
  },
  /** Types that are asked for by reference. */
  Entity: {
    ...each('READ_NUMBERS', 'InventoryNumber'),
    ...each('READ', 'HierarchyNode', 'AudioCodesConnection', 'SyncRun', 'NetworkResource'),
    ...each('READ', 'AuditRun', 'AuditFinding', 'NumberService'),
  },
  /** Fields that a subgraph adds to a type of another: their type is asked for there, and may need less. */
  Field: {
    'InventoryNumber.lastAudit': 'READ',
  },
  Route: {
    'GET /export/numbers.csv': 'READ_NUMBERS',
    'GET /export/numbers.jsonl': 'READ_NUMBERS',
    'POST /import/numbers': 'MANAGE_NUMBERS',
    'GET /export/audit-findings.csv': 'READ',
    'GET /export/audit-findings.jsonl': 'READ',
    'POST /import/number-services': 'AUDIT',
  },
} as const satisfies Readonly<Record<string, Needs>>;

export type Door = keyof typeof OPERATION_POWERS;
export type Route = keyof (typeof OPERATION_POWERS)['Route'];

/** @returns undefined for what has no entry */
export function needOf(door: Door, name: string): Need | undefined {
  const needs: Needs = OPERATION_POWERS[door];
  return Object.hasOwn(needs, name) ? needs[name] : undefined;
}

/** The powers one call needs. @param input of a mutation, whose flags may ask for more */
export function powersFor(need: Need, input: Readonly<Record<string, unknown>> = {}): readonly Power[] {
  if (typeof need === 'string') return [need];
  const beside = Object.entries(need.with).flatMap(([flag, power]) => (input[flag] === true ? [power] : []));
  return [need.always, ...beside];
}
