/** One run from its beginning in a lane to wherever it leaves it. */
import { LeaseLostError } from '@numberyard/kit/workers/leases';
import { ContentionError } from '@numberyard/kit/commands/decide';
import { StoreError } from '@numberyard/kit/storage/port';
import type { Step } from '@numberyard/kit/workers/loop';
import { RoutingManagerError } from '../../arm/routing-manager-error.js';
import { dataSyncId } from '../../domain/items.js';
import type { SyncError } from '../../domain/run.js';
import { connections } from '../../models/connections.js';
import { dataSyncs } from '../../models/items.js';
import { syncActor, type CommandContext } from '../context.js';
import { dialConnection } from '../dial.js';
import { recordReachability } from '../record-reachability.js';
import { beginRun, type BegunRun } from './begin-run.js';
import { DeleteThresholdExceeded, DeleteThresholdUnreadable } from './delete-threshold.js';
import { EmptyListing } from './empty-listing.js';
import type { Job } from './job.js';
import { leaveCancelled, leaveDone, leaveFailed, leaveForLater } from './leave-run.js';
import { MirrorWriter } from './mirror-writer.js';
import { purgeRegisteredUsers } from './purge-registered-users.js';
import { RunCancelled, RunSuperseded, RunWriter } from './run-writer.js';
import { syncRegisteredUsers } from './sync-registered-users.js';
import { watchRun } from './watch-run.js';

/** @returns false when no run was waiting */
export async function executeNextRun(context: CommandContext, lane: number, step: Step): Promise<boolean> {
  const begun = await beginRun(context, lane, step.lease);
  if (!begun) return false;
  try {
    await carryOut(context, begun, step);
  } catch (error) {
    if (!(error instanceof RunSuperseded)) throw error;
    context.logger.info({ run: begun.run.id }, 'the run has ended or is run elsewhere; stopped');
  }
  return true;
}

async function carryOut(context: CommandContext, { run, active }: BegunRun, step: Step): Promise<void> {
  const writer = new RunWriter(context.store, step.lease, run, active);
  const stop = new AbortController();
  const job = await prepare(context, writer, AbortSignal.any([step.signal, stop.signal]));
  const mirror = new MirrorWriter(job);
  const leaving = { context, writer, mirror };
  const watched = watchRun(context, run, stop, () => mirror.breathe());
  const log = context.logger.child({ run: run.id, connection: run.connection, requestId: run.requestId });
  try {
    log.info({ kind: run.kind, trigger: run.trigger, attempt: run.attempts }, 'a run begins');
    await mirrorEverything(job, mirror, run.kind);
    await leaveDone(leaving);
  } catch (thrown) {
    // An abort surfaces as whatever was under way; its reason is what happened.
    const error: unknown = stop.signal.aborted ? stop.signal.reason : thrown;
    await mirror.settle();
    if (isNotOurs(error)) throw error;
    if (error instanceof RunCancelled) await leaveCancelled(leaving);
    else if (step.signal.aborted) await leaveForLater(leaving);
    else await fail(job, leaving, error);
  } finally {
    stop.abort();
    await watched;
  }
  log.info(
    { state: writer.run.state, progress: writer.run.progress, error: writer.run.error },
    'a run leaves its lane',
  );
}

/** What says nothing about the run: the store is away, or somebody else has the run. */
function isNotOurs(error: unknown): boolean {
  return (
    error instanceof StoreError ||
    error instanceof LeaseLostError ||
    error instanceof ContentionError ||
    error instanceof RunSuperseded
  );
}

/** What a run works with is read once, when it begins: what an administrator changes meanwhile is for the next one. */
async function prepare(context: CommandContext, writer: RunWriter, signal: AbortSignal): Promise<Job> {
  const { connection: id, kind, trigger } = writer.run;
  const connection = await context.store.get(connections, id);
  const dataSync = await context.store.get(dataSyncs, dataSyncId(id, kind));
  if (!connection || !dataSync) throw new RunSuperseded(`connection ${id} is gone`);
  const { operations, allowEmpty } = dataSync;
  // Nobody may stay behind when the connection itself goes.
  const filter = trigger === 'DELETION' ? [] : (dataSync.filter ?? []);
  return { context, connection, operations, allowEmpty, filter, writer, signal };
}

async function mirrorEverything(job: Job, mirror: MirrorWriter, kind: 'SYNC' | 'PURGE'): Promise<void> {
  if (kind === 'PURGE') return purgeRegisteredUsers(job, mirror);
  const { id, requestId } = job.writer.run;
  const client = dialConnection(job.context, job.connection, requestId ?? id);
  try {
    await syncRegisteredUsers({ ...job, client }, mirror);
  } catch (error) {
    if (error instanceof RoutingManagerError) {
      const outcome = { error: error.message, certificate: client.seenCertificate };
      await recordReachability(job.context, job.connection, outcome, syncActor);
    }
    throw error;
  } finally {
    await client.close();
  }
}

async function fail(job: Job, leaving: Parameters<typeof leaveFailed>[0], error: unknown): Promise<void> {
  try {
    await leaveFailed(leaving, told(job, error));
  } catch (conflict) {
    if (!(conflict instanceof RunCancelled)) throw conflict;
    await leaveCancelled(leaving);
  }
}

function told({ context, connection }: Job, error: unknown): SyncError {
  if (error instanceof RoutingManagerError) return { code: error.code, message: error.message };
  if (error instanceof EmptyListing) return { code: 'EMPTY_LISTING', message: error.message };
  if (error instanceof DeleteThresholdExceeded) return { code: 'DELETE_THRESHOLD', message: error.message };
  if (error instanceof DeleteThresholdUnreadable) return { code: 'INTERNAL', message: error.message };
  context.logger.error({ err: error, connection: connection.id }, 'a run failed for a reason of our own');
  return { code: 'INTERNAL', message: 'Numberyard could not carry out the run; the log says why.' };
}
