import { done, refused, type Outcome } from '@numberyard/kit/graph/refusal';
import type { Identity } from '@numberyard/kit/identity/identity';
import { RoutingManagerError } from '../arm/routing-manager-error.js';
import type { AudioCodesConnection } from '../domain/connection.js';
import { FIELD_TO_PUT_RIGHT, notFound, type RefusalCode } from '../domain/refusals.js';
import { keyActor, type CommandContext } from './context.js';
import { dialConnection } from './dial.js';
import { findConnection } from './find-connection.js';
import { recordReachability } from './record-reachability.js';

export interface TestedConnection {
  readonly connection: AudioCodesConnection;
  /** How long the Routing Manager took for all of it, milliseconds. */
  readonly durationMs: number;
  readonly sbcCount: number;
  readonly registeredUserCount: number;
}

/** Dial a connection's Routing Manager with the saved credentials and read what a sync would need. */
export async function testConnection(
  context: CommandContext,
  identity: Identity,
  { id }: { readonly id: string },
): Promise<Outcome<TestedConnection, RefusalCode>> {
  const connection = await findConnection(context.store, id, identity);
  if (!connection) return refused(notFound('connection', 'id'));
  const actor = keyActor(identity);
  const client = dialConnection(context, connection);
  const begun = context.clock.monotonic();
  try {
    await client.serverStatus();
    const nodes = await client.nodes();
    const registeredUserCount = await client.registeredUserCount();
    const durationMs = Math.round(context.clock.monotonic() - begun);
    const outcome = { certificate: client.seenCertificate };
    const now = await recordReachability(context, connection, outcome, actor);
    return done({ connection: now ?? connection, durationMs, sbcCount: nodes.length, registeredUserCount });
  } catch (error) {
    if (!(error instanceof RoutingManagerError)) throw error;
    await recordReachability(context, connection, { error: error.message }, actor);
    return refused({ code: error.code, message: error.message, field: FIELD_TO_PUT_RIGHT[error.code] });
  } finally {
    await client.close();
  }
}
