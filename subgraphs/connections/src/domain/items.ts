/** The two data syncs and the schedule that come with every connection (AudioCodes Device Number Integration). */
import type { Doc, Instant } from '@numberyard/kit/storage/port';
import type { ConnectionsRefusal } from './refusals.js';
import type { SyncFilterCondition } from './sync-filter.js';

export type DataSyncKind = 'SYNC' | 'PURGE';
export type SyncOperation = 'ADD' | 'UPDATE' | 'REMOVE';

export interface DataSync extends Doc {
  readonly connection: string;
  readonly name: string;
  readonly kind: DataSyncKind;
  /** Gates scheduled runs only. */
  readonly enabled: boolean;
  readonly operations: readonly SyncOperation[];
  readonly allowEmpty: boolean;
  /** Absent is everybody. */
  readonly filter?: readonly SyncFilterCondition[];
}

export interface Schedule extends Doc {
  readonly connection: string;
  readonly name: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly enabled: boolean;
  /** Absent while it is disabled. */
  readonly nextRunAt?: Instant;
  readonly lastRunAt?: Instant;
}

export const ALL_OPERATIONS: readonly SyncOperation[] = ['ADD', 'UPDATE', 'REMOVE'];

/** Ids are made of the connection's, so that its items are loaded without a search. */
export const dataSyncId = (connection: string, kind: DataSyncKind) => `${connection}.${kind.toLowerCase()}`;
/** Of a data sync or schedule, from its id. */
export const connectionOf = (item: string) => item.slice(0, Math.max(0, item.lastIndexOf('.')));
export const scheduleId = (connection: string) => `${connection}.schedule`;

export const syncName = (connection: string) => `SyncAudioCodes__${connection}`;
export const purgeName = (connection: string) => `PurgeAudioCodes__${connection}`;
export const scheduleName = (connection: string) => `ScheduleAudioCodes__${connection}`;

/** The items of a new connection, all disabled. */
export function defaultItems(connection: string, name: string): { dataSyncs: DataSync[]; schedule: Schedule } {
  const common = { version: 0, connection, enabled: false };
  return {
    dataSyncs: [
      {
        ...common,
        id: dataSyncId(connection, 'SYNC'),
        name: syncName(name),
        kind: 'SYNC',
        operations: ALL_OPERATIONS,
        allowEmpty: false,
      },
      {
        ...common,
        id: dataSyncId(connection, 'PURGE'),
        name: purgeName(name),
        kind: 'PURGE',
        operations: ['REMOVE'],
        allowEmpty: true,
      },
    ],
    schedule: {
      ...common,
      id: scheduleId(connection),
      name: scheduleName(name),
      // Once a night: well within the two days a device may be offline.
      cron: '0 2 * * *',
      timeZone: 'UTC',
    },
  };
}

/** The name of an item after its connection was renamed: one that an administrator named stays. */
export function renamed(item: string, nameOf: (connection: string) => string, from: string, to: string): string {
  return item === nameOf(from) ? nameOf(to) : item;
}

const ITEM_NAME = /^[A-Za-z0-9_.-]{1,96}$/;

export function checkItemName(name: string): ConnectionsRefusal[] {
  if (ITEM_NAME.test(name)) return [];
  return [
    {
      code: 'INVALID',
      message: 'A name is 1 to 96 letters (A-Z, a-z), digits, underscores, dots and hyphens.',
      field: 'name',
    },
  ];
}

/** @param kind a purge only removes, so nothing else can be chosen for it */
export function checkOperations(operations: readonly SyncOperation[], kind: DataSyncKind): ConnectionsRefusal[] {
  const field = 'operations';
  if (operations.length === 0) return [{ code: 'REQUIRED', message: 'At least one operation is needed.', field }];
  if (new Set(operations).size < operations.length) {
    return [{ code: 'INVALID', message: 'An operation is named twice.', field }];
  }
  if (kind === 'PURGE' && operations.some((operation) => operation !== 'REMOVE')) {
    return [{ code: 'INVALID', message: 'A purge can only remove.', field }];
  }
  return [];
}
