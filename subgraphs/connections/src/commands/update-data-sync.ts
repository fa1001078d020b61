import { decide } from '@numberyard/kit/commands/decide';
import { done, refused, type Outcome } from '@numberyard/kit/graph/refusal';
import type { Identity } from '@numberyard/kit/identity/identity';
import { save } from '@numberyard/kit/storage/port';
import { checkItemName, checkOperations, type DataSync, type SyncOperation } from '../domain/items.js';
import { notFound, type RefusalCode } from '../domain/refusals.js';
import { checkFilter, tidyFilter, type SyncFilterCondition } from '../domain/sync-filter.js';
import { dataSyncs } from '../models/items.js';
import { connectionSaved, given } from './connection-events.js';
import { toldBy, type CommandContext } from './context.js';
import { findItem } from './find-connection.js';
import { stored } from './queue-run.js';

/** Absent fields stay as they are. */
export interface UpdateDataSyncInput {
  readonly id: string;
  readonly name?: string;
  readonly enabled?: boolean;
  readonly operations?: readonly SyncOperation[];
  readonly allowEmpty?: boolean;
  readonly filter?: readonly SyncFilterCondition[];
}

/** Change a data sync. A run under way goes on by the rules it began with. */
export function updateDataSync(
  context: CommandContext,
  identity: Identity,
  input: UpdateDataSyncInput,
): Promise<Outcome<DataSync, RefusalCode>> {
  const { store } = context;
  return decide<Outcome<DataSync, RefusalCode>>(store, async () => {
    const found = await findItem(store, dataSyncs, input.id, identity);
    if (!found) return { value: refused(notFound('data sync', 'id')) };
    const { item: old, connection } = found;
    const { name = old.name, enabled = old.enabled, operations = old.operations, allowEmpty = old.allowEmpty } = input;
    const filter = input.filter ? tidyFilter(input.filter) : old.filter;
    const refusals = [...checkItemName(name), ...checkOperations(operations, old.kind), ...checkFilter(filter ?? [])];
    if (refusals.length > 0) return { value: refused(...refusals) };
    const changed: DataSync = { ...old, name, enabled, operations, allowEmpty, ...(filter ? { filter } : {}) };
    return {
      value: done(stored(changed)),
      commit: {
        save: [save(dataSyncs, changed)],
        events: [connectionSaved(connection, given(input, 'dataSync'), toldBy(context, identity))],
      },
    };
  });
}
