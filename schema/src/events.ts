/**
 * Shapes of the events that one subgraph writes and another reads, or that clients see through subscriptions. A shape only grows: old events
 * stay in the logs for ever.
 */
import type { LoggedEvent, NewEvent } from '@numberyard/kit/log/event';

/** The fields of each event type, by the subgraph that owns it. */
export interface NumberInventoryEvents {
  HierarchyNodeCreated: HierarchyNodeFields;
  HierarchyNodeRenamed: HierarchyNodeFields;
  /** Number management, the dial plan or a site location code. */
  HierarchyNodeChanged: HierarchyNodeFields;
  HierarchyNodeRetired: HierarchyNodeFields;
  /** `value` null: unset. */
  MacroSet: { node: string; name: string; value: string | null };
  /** What is set at the node after the event; `days` null: inherited. */
  CoolingSettingsSet: { node: string; enabled: 'YES' | 'NO' | 'INHERIT'; days: number | null };
  ApiKeyCreated: { key: string; label: string; role: string; node: string };
  ApiKeyRevoked: { key: string; label: string };
  NumberAdded: NumberFields;
  NumberUsed: NumberFields;
  /** Uses came or went, or what is free to edit changed, and the status stayed. */
  NumberChanged: NumberFields;
  NumberCoolingStarted: NumberFields;
  /** Cooling ended because the number is in use again. */
  NumberReturned: NumberFields;
  /** Cooling ended by hand. */
  NumberCoolingEnded: NumberFields;
  /** Cooling ended at the release date. */
  NumberReleased: NumberFields;
  /** The last use went and the number needs no cooling. */
  NumberFreed: NumberFields;
  NumberReserved: NumberFields;
  NumberUnreserved: NumberFields;
  /** It lives at another node of its customer; the event's path before tells where it was. */
  NumberMoved: NumberFields;
  NumberDeleted: NumberFields;
  /** What was applied of one batch of a run. */
  SyncBatchApplied: SyncBatchAppliedFields;
  /** The uses of a customer's numbers were taken anew from their owners, e.g. because its number management was switched on. */
  NumberUsesTaken: { customer: string };
  /** Everything of the run up to its APPLYING has been applied. */
  SyncRunApplied: { connection: string; run: string };
}

export interface ConnectionsEvents {
  /** `changed` names what was given: fields of the connection, and those of its items as `schedule.<field>`, `dataSync.<field>`. Never a value. */
  AudioCodesConnectionSaved: { connection: string; name: string; node: string; changed: readonly string[] };
  AudioCodesConnectionDeleted: { connection: string; name: string; node: string };
  ReachabilityChanged: { connection: string; state: 'REACHABLE' | 'UNREACHABLE'; error: string | null };
  RegisteredUsersChanged: RegisteredUsersChangedFields;
  /** Everything the run mirrored has been written; number-inventory answers with SyncRunApplied when it has followed up to here. */
  SyncRunApplying: { connection: string; run: string };
  SyncRunUpdated: { connection: string; run: string; change: 'QUEUED' | 'PROGRESSED' | 'FINISHED'; state: string };
}

export interface AuditEvents {
  AuditRunUpdated: { run: string; customer: string; change: 'QUEUED' | 'PROGRESSED' | 'FINISHED'; state: string };
}

export interface HierarchyNodeFields {
  id: string;
  type: 'PROVIDER' | 'RESELLER' | 'CUSTOMER' | 'SITE' | 'INTERMEDIATE';
  name: string;
  path: string;
  numberManagement: boolean | null;
  /** Of customers, unless the event is older than dial plans. */
  dialPlan?: 'FLAT' | 'SITE_LOCATION_CODES';
  /** Of sites; in force while the dial plan of their customer has codes. */
  siteLocationCode?: string;
  retired: boolean;
}

/** State of a number after the event. */
export interface NumberFields {
  number: string;
  customer: string;
  node: string;
  status: string;
  usage: readonly string[];
  vendor: string | null;
  tag: string | null;
  releaseDate: string | null;
  connection: string | null;
  /** These three are left out when the number has none, as in events from before they were told. Longer texts are not told: a commit tells of hundreds of numbers. */
  description?: string;
  e164?: string;
  reservation?: { reservedAt: string; until?: string };
}

/**
 * What changed among the registered users of a connection in one commit: one event for the batch, because nobody reads them singly and a first sync of
 * 100,000 users would write as many rows.
 */
export interface RegisteredUsersChangedFields {
  connection: string;
  /** The connection's hierarchy node, where numbers that do not exist are created. */
  node: string;
  run: string;
  changes: readonly RegisteredUserChange[];
}

/** One registered user. A user uses at most one number; offline and absent are both "not there" (AudioCodes Device Number Integration). */
export interface RegisteredUserChange {
  /** Id of the mirrored registered user, unique over all connections; becomes the reference of the number's use. */
  ref: string;
  /** The number it used before; null when none. */
  before: string | null;
  /** The number it uses now; null when it is not there. */
  after: string | null;
}

export interface SyncBatchAppliedFields {
  connection: string;
  run: string;
  numbersCreated: number;
  numbersUsed: number;
  numbersCooling: number;
  numbersReturned: number;
  issues: readonly { kind: string; subject: string; message: string }[];
}

type AllEvents = NumberInventoryEvents & ConnectionsEvents & AuditEvents;
export type EventType = keyof AllEvents;

/* eslint-disable no-restricted-syntax -- the log keeps fields of any shape; here, and nowhere else, their types are taken off and put on again */

/** Make an event with its fields checked against its type. */
export function event<T extends EventType>(
  type: T,
  fields: AllEvents[T],
  rest: Omit<NewEvent, 'type' | 'fields'>,
): NewEvent {
  return { type, fields: fields as unknown as NewEvent['fields'], ...rest };
}

/** The fields of a logged event of a known type; `undefined` when it is of another. */
export function fieldsOf<T extends EventType>(logged: LoggedEvent, type: T): AllEvents[T] | undefined {
  return logged.type === type ? (logged.fields as unknown as AllEvents[T]) : undefined;
}

/* eslint-enable no-restricted-syntax */

/** Entity names as the log keeps them. */
export const entity = {
  number: (id: string) => `InventoryNumber:${id}`,
  node: (id: string) => `HierarchyNode:${id}`,
  macro: (node: string, name: string) => `Macro:${node}:${name}`,
  coolingSettings: (node: string) => `CoolingSettings:${node}`,
  apiKey: (id: string) => `ApiKey:${id}`,
  connection: (id: string) => `AudioCodesConnection:${id}`,
  run: (id: string) => `SyncRun:${id}`,
  auditRun: (id: string) => `AuditRun:${id}`,
};
