import type { Clock } from '@numberyard/kit/clock/clock';
import { done, refused, type Outcome } from '@numberyard/kit/graph/refusal';
import type { Identity } from '@numberyard/kit/identity/identity';
import { tookTooLong } from '../arm/failures.js';
import { RoutingManagerError } from '../arm/routing-manager-error.js';
import type { AudioCodesConnection } from '../domain/connection.js';
import { FIELD_TO_PUT_RIGHT, notFound, type RefusalCode } from '../domain/refusals.js';
import { keyActor, type CommandContext } from './context.js';
import { dialConnection } from './dial.js';
import { findConnection } from './find-connection.js';
import { recordReachability } from './record-reachability.js';

/** Milliseconds. Whoever asked waits half a minute at most, and would rather hear what is wrong. */
const PATIENCE = 20_000;

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
  const { clock } = context;
  const begun = clock.monotonic();
  const ended = new AbortController();
  const { signal, giveUp } = patience(clock, ended.signal);
  try {
    await client.serverStatus(signal);
    const nodes = await client.nodes(signal);
    const registeredUserCount = await client.registeredUserCount(signal);
    const durationMs = Math.round(clock.monotonic() - begun);
    const now = await recordReachability(context, connection, { certificate: client.seenCertificate }, actor);
    return done({ connection: now ?? connection, durationMs, sbcCount: nodes.length, registeredUserCount });
  } catch (error) {
    if (!(error instanceof RoutingManagerError)) throw error;
    const outcome = { error: error.message, certificate: client.seenCertificate };
    await recordReachability(context, connection, outcome, actor);
    return refused({ code: error.code, message: error.message, field: FIELD_TO_PUT_RIGHT[error.code] });
  } finally {
    ended.abort();
    await Promise.all([client.close(), giveUp]);
  }
}

/** A signal that is aborted when the test has taken too long, and what resolves when it is not going to be any more. */
function patience(clock: Clock, ended: AbortSignal): { readonly signal: AbortSignal; readonly giveUp: Promise<void> } {
  const tooLong = new AbortController();
  const giveUp = clock.sleep(PATIENCE, ended).then(() => {
    if (!ended.aborted) tooLong.abort(tookTooLong(PATIENCE / 1000, false));
  });
  return { signal: tooLong.signal, giveUp };
}
