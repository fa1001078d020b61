/**
 * What to call each operation of the schema with. An argument that names a thing (every ID) says which kind of thing, any other that has to be given how to
 * make one; one that is in neither list fails the tests, so that nothing new goes unlooked at.
 */
import { newId } from '@numberyard/kit/crypto/id';
import type { GraphQLArgument, GraphQLInputField } from 'graphql';
import { getNamedType, isEnumType, isInputObjectType, isListType, isRequiredArgument } from 'graphql';
import { getNullableType } from 'graphql';
import type { Kind, Things } from './things.js';

/** By `<root field or input type>.<argument or field>`, or its bare name. */
const NAMED: Readonly<Record<string, Kind>> = {
  within: 'HierarchyNode',
  node: 'HierarchyNode',
  parent: 'HierarchyNode',
  customer: 'HierarchyNode',
  connection: 'AudioCodesConnection',
  dataSync: 'DataSync',
  ids: 'InventoryNumber',
  'number.id': 'InventoryNumber',
  'numberByValue.customer': 'InventoryNumber',
  'hierarchyNode.id': 'HierarchyNode',
  'audioCodesConnection.id': 'AudioCodesConnection',
  'syncRun.id': 'SyncRun',
  'auditRun.id': 'AuditRun',
  'auditSchedule.customer': 'AuditSchedule',
  'numberService.id': 'NumberService',
  run: 'AuditRun',
  sites: 'HierarchyNode',
  'AssignNumberInput.id': 'InventoryNumber',
  'ReleaseNumberInput.id': 'InventoryNumber',
  'UpdateNumberInput.id': 'InventoryNumber',
  'UpdateHierarchyNodeInput.id': 'HierarchyNode',
  'RetireHierarchyNodeInput.id': 'HierarchyNode',
  'RevokeApiKeyInput.id': 'ApiKey',
  'UpdateAudioCodesConnectionInput.id': 'AudioCodesConnection',
  'DeleteAudioCodesConnectionInput.id': 'AudioCodesConnection',
  'TestAudioCodesConnectionInput.id': 'AudioCodesConnection',
  'CancelSyncRunInput.id': 'SyncRun',
  'UpdateDataSyncInput.id': 'DataSync',
  'UpdateScheduleInput.id': 'Schedule',
  'UpdateNumberServiceInput.id': 'NumberService',
  'DeleteNumberServicesInput.ids': 'NumberService',
};

const GIVEN: Readonly<Record<string, (things: Things) => unknown>> = {
  'numberByValue.number': () => '49',
  'AddNumbersInput.numbers': (things) => [things.digits()],
  'SetMacroInput.name': () => 'audiocodes_cooling_duration',
  'SetMacroInput.value': () => '3',
  'SetCoolingSettingsInput.days': () => 3,
  'UpdateNumberInput.description': (things) => things.fresh(),
  'UpdateScheduleInput.cron': () => '0 3 * * *',
  'UpdateDataSyncInput.allowEmpty': () => true,
  'CreateApiKeyInput.label': (things) => things.fresh(),
  'CreateApiKeyInput.role': () => 'PARTNER',
  'CreateHierarchyNodeInput.type': () => 'INTERMEDIATE',
  'CreateAudioCodesConnectionInput.routingManager': () => '127.0.0.1:1',
  // Where sites are named.
  'StartAuditInput.level': () => 'SITE',
  'UpdateAuditScheduleInput.level': () => 'SITE',
  'UpdateAuditScheduleInput.cron': () => '0 3 * * *',
  'CreateNumberServiceInput.kind': () => 'HUNT_PILOT',
  'CreateNumberServiceInput.number': (things) => things.digits(),
  'UpdateNumberServiceInput.partition': (things) => things.fresh(),
  idempotencyKey: (things) => things.fresh(),
  name: (things) => things.fresh('name-'),
  ref: (things) => things.fresh(),
  username: () => 'user',
  password: () => 'secret',
};

export type Sample =
  { readonly kind: Kind; readonly isList: boolean } | { readonly value: (things: Things) => unknown };

/**
 * @returns undefined for what may be left out
 * @throws Error that names the argument for which there is no sample
 */
export function sampleOf(owner: string, argument: GraphQLArgument | GraphQLInputField): Sample | undefined {
  const { name, type } = argument;
  const named = getNamedType(type);
  // One form for both: what may not be null and has no default.
  const isRequired = isRequiredArgument(argument);
  const path = `${owner}.${name}`;
  if (named.name === 'ID') {
    const kind = NAMED[path] ?? NAMED[name];
    if (!kind) throw new Error(`${path} names a thing: say in NAMED of which kind.`);
    return { kind, isList: isListType(getNullableType(type)) };
  }
  const given = GIVEN[path] ?? (isRequired || name === 'idempotencyKey' ? GIVEN[name] : undefined);
  if (given) return { value: given };
  if (!isRequired || isInputObjectType(named)) return undefined;
  if (isEnumType(named)) return { value: () => named.getValues()[0]?.name };
  throw new Error(`${path} has to be given: say in GIVEN what.`);
}

/** Arguments that name a thing together, made of its id. */
export const SPELLED: Readonly<Record<string, (id: string) => Readonly<Record<string, string>>>> = {
  numberByValue(id) {
    const [customer = '', number = ''] = id.split(':');
    return { customer, number };
  },
};

/** Read in the short form from below: what is above a caller answers for these. */
export const SHORT_FORM: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  HierarchyNode: ['id', 'type', 'name', 'path', 'parent'],
  AudioCodesConnection: ['id', 'name', 'type', 'hierarchyNode', 'reachability'],
};

/** What is asked of a place by any node a caller knows, so of one above as well. */
export const OF_KNOWN_NODES: readonly string[] = ['macros.node', 'coolingSettings.node'];

/** Which events of the log a stream tells of. */
export const STREAMED: Readonly<Record<string, RegExp>> = {
  numberChanged: /^Number(?!UsesTaken)/,
  coolingChanged: /^Number(CoolingStarted|Returned|CoolingEnded|Released)$/,
  syncRunUpdated: /^SyncRunUpdated$/,
  connectionReachabilityChanged: /^ReachabilityChanged$/,
  auditRunUpdated: /^AuditRunUpdated$/,
};

/** Ids of things that do not exist, of the form that those have that do. */
export function nowhere(kind: Kind): string {
  const id = newId();
  if (kind === 'InventoryNumber') return `${id}:491234567`;
  if (kind === 'DataSync') return `${id}.sync`;
  return kind === 'Schedule' ? `${id}.schedule` : id;
}

/** Names of inputs that narrow what another one names. */
export const BESIDE: readonly string[] = ['sites'];

/** How a thing that is not there, or not to be seen, is refused: by itself, or by what was named with it. */
export const UNSEEN: readonly string[] = ['NOT_FOUND', 'FOREIGN_SITE', 'WRONG_NODE_TYPE'];

/** Why a mutation is refused that cannot go through here: nothing is dialled in these tests. */
export const REFUSED: Readonly<Record<string, string>> = { testAudioCodesConnection: 'ADDRESS_NOT_ALLOWED' };
