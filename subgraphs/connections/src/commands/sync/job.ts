import type { RoutingManagerClient } from '../../arm/client.js';
import type { AudioCodesConnection } from '../../domain/connection.js';
import type { SyncOperation } from '../../domain/items.js';
import type { SyncFilterCondition } from '../../domain/sync-filter.js';
import type { CommandContext } from '../context.js';
import type { RunWriter } from './run-writer.js';

/** A run as it is being carried out. */
export interface Job {
  readonly context: CommandContext;
  readonly connection: AudioCodesConnection;
  readonly operations: readonly SyncOperation[];
  readonly allowEmpty: boolean;
  /** Users outside it are left alone. */
  readonly filter: readonly SyncFilterCondition[];
  readonly writer: RunWriter;
  /** Aborted when the run was cancelled or the process is to end. */
  readonly signal: AbortSignal;
}

/** A job that talks to a Routing Manager. */
export interface SyncJob extends Job {
  readonly client: RoutingManagerClient;
}
