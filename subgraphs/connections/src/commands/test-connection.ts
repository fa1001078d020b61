import { checkIdempotencyKey, keyReused, remember } from '@numberyard/kit/commands/remember';
import type { Clock } from '@numberyard/kit/clock/clock';
import { done, refused, type Outcome } from '@numberyard/kit/graph/refusal';
import type { Identity } from '@numberyard/kit/identity/identity';
import { tookTooLong } from '../arm/failures.js';
import { RoutingManagerError } from '../arm/routing-manager-error.js';
import type { AudioCodesConnection } from '../domain/connection.js';
import { FIELD_TO_PUT_RIGHT, notFound, type ConnectionsRefusal, type RefusalCode } from '../domain/refusals.js';
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

/** What a test came to, as the record of its request keeps it. */
type Kept =
  | { readonly ok: true; readonly measured: Omit<TestedConnection, 'connection'> }
  | { readonly ok: false; readonly refusal: ConnectionsRefusal };

export interface TestConnectionInput {
  readonly id: string;
  readonly idempotencyKey?: string | null;
}

/**
 * Dial a connection's Routing Manager with the saved credentials and read what a sync would need. The same idempotency key dials once and is told the
 * same again.
 */
export async function testConnection(
  context: CommandContext,
  identity: Identity,
  { id, idempotencyKey }: TestConnectionInput,
): Promise<Outcome<TestedConnection, RefusalCode>> {
  const { store } = context;
  const refusals = checkIdempotencyKey(idempotencyKey);
  if (refusals.length > 0) return refused(...refusals);
  const connection = await findConnection(store, id, identity);
  if (!connection) return refused(notFound('connection', 'id'));
  const known = await remember(store, identity, 'testAudioCodesConnection', idempotencyKey, { id });
  if (known.state === 'OTHER') return refused(keyReused);
  if (known.state === 'DONE') return told(known.result as Kept, connection);
  const { kept, certificate } = await dialled(context, connection);
  const outcome = {
    certificate,
    ...(kept.ok ? {} : { error: kept.refusal.message }),
    request: known.record(kept),
  };
  const now = await recordReachability(context, connection, outcome, keyActor(identity));
  const first = await remember(store, identity, 'testAudioCodesConnection', idempotencyKey, { id });
  return told(first.state === 'DONE' ? (first.result as Kept) : kept, now ?? connection);
}

function told(kept: Kept, connection: AudioCodesConnection): Outcome<TestedConnection, RefusalCode> {
  return kept.ok ? done({ connection, ...kept.measured }) : refused(kept.refusal);
}

async function dialled(
  context: CommandContext,
  connection: AudioCodesConnection,
): Promise<{ readonly kept: Kept; readonly certificate: string | undefined }> {
  const client = dialConnection(context, connection, context.requestId);
  const { clock } = context;
  const begun = clock.monotonic();
  const ended = new AbortController();
  const { signal, giveUp } = patience(clock, ended.signal);
  try {
    await client.serverStatus(signal);
    const nodes = await client.nodes(signal);
    const registeredUserCount = await client.registeredUserCount(signal);
    const durationMs = Math.round(clock.monotonic() - begun);
    const measured = { durationMs, sbcCount: nodes.length, registeredUserCount };
    return { kept: { ok: true, measured }, certificate: client.seenCertificate };
  } catch (error) {
    if (!(error instanceof RoutingManagerError)) throw error;
    const refusal = { code: error.code, message: error.message, field: FIELD_TO_PUT_RIGHT[error.code] };
    return { kept: { ok: false, refusal }, certificate: client.seenCertificate };
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
