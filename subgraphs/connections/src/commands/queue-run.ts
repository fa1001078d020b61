import { newId } from '@numberyard/kit/crypto/id';
import type { Identity } from '@numberyard/kit/identity/identity';
import type { Actor } from '@numberyard/kit/log/event';
import { save, type Commit, type Instant } from '@numberyard/kit/storage/port';
import type { AudioCodesConnection } from '../domain/connection.js';
import type { DataSyncKind } from '../domain/items.js';
import { queued, WAITING, type SyncRun, type SyncTrigger } from '../domain/run.js';
import { activeRuns, syncRuns } from '../models/sync-runs.js';
import { keyActor, nowOf, type CommandContext } from './context.js';
import { runUpdated } from './run-events.js';

export interface QueuedRun {
  readonly run: SyncRun;
  /** The connection with the run as its last; the caller saves it, because it may have changed it as well. */
  readonly connection: AudioCodesConnection;
  /** To be part of the commit. A run that has not ended makes it conflict: there is one active run per connection. */
  readonly commit: Required<Pick<Commit, 'save' | 'events'>>;
}

/** Who queues a run, when, and in which request. */
export interface QueuedBy {
  readonly actor: Actor;
  readonly time: Instant;
  readonly requestId?: string | undefined;
}

export function queuedBy(context: CommandContext, identity: Identity): QueuedBy {
  return { actor: keyActor(identity), time: nowOf(context), requestId: context.requestId };
}

/** Everything that puts a run of a connection's data sync in the queue. */
export function queueRun(
  connection: AudioCodesConnection,
  kind: DataSyncKind,
  trigger: SyncTrigger,
  { actor, time: now, requestId }: QueuedBy,
): QueuedRun {
  const { path, ancestors } = connection;
  const run = queued(
    { id: newId(), connection: connection.id, path, ancestors, kind, trigger, ...(requestId ? { requestId } : {}) },
    now,
  );
  const active = { id: connection.id, version: 0, run: run.id, queuedAt: now, lane: WAITING, cancel: false };
  return {
    run,
    connection: { ...connection, lastRun: run.id },
    commit: {
      save: [save(syncRuns, run), save(activeRuns, active)],
      events: [runUpdated(run, 'QUEUED', actor, now)],
    },
  };
}

/** A document as it stands after the commit that saved it. */
export function stored<D extends { readonly version: number }>(doc: D): D {
  return { ...doc, version: doc.version + 1 };
}
