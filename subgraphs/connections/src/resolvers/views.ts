/** Documents as the graph shows them to one caller: nothing of what it may not see leaves here. */
import type { AudioCodesConnection } from '../domain/connection.js';
import type { SyncRun } from '../domain/run.js';
import { seesFully, sightOf } from '../domain/visibility.js';
import type { OperationContext } from './context.js';

/** A connection as the caller sees it; in short form everything but `brief` stays away. */
export interface ConnectionView {
  readonly brief: Pick<AudioCodesConnection, 'id' | 'name' | 'type' | 'node' | 'reachability'>;
  readonly full?: AudioCodesConnection;
}

export function viewConnection(
  connection: AudioCodesConnection | undefined,
  { identity }: OperationContext,
): ConnectionView | null {
  const sight = connection ? sightOf(connection.path, identity) : 'NONE';
  if (!connection || sight === 'NONE') return null;
  if (sight === 'FULL') return { brief: connection, full: connection };
  const { id, name, type, node, reachability } = connection;
  // Why it cannot be reached may name what only its administrators should see.
  const { error: _error, ...told } = reachability;
  return { brief: { id, name, type, node, reachability: told } };
}

export async function loadConnection(id: string, context: OperationContext): Promise<ConnectionView | null> {
  return viewConnection(await context.loaders.connections.load(id), context);
}

export function viewRun(run: SyncRun | undefined, { identity }: OperationContext): SyncRun | null {
  return run && seesFully(run.path, identity) ? run : null;
}

export async function loadRun(id: string, context: OperationContext): Promise<SyncRun | null> {
  return viewRun(await context.loaders.runs.load(id), context);
}
