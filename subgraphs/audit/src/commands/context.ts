import type { Clock } from '@numberyard/kit/clock/clock';
import { toInstant } from '@numberyard/kit/clock/clock';
import type { Hierarchy } from '@numberyard/kit/hierarchy/hierarchy';
import type { Identity } from '@numberyard/kit/identity/identity';
import type { Actor } from '@numberyard/kit/log/event';
import type { Logger } from '@numberyard/kit/logging/logger';
import type { Instant, Store } from '@numberyard/kit/storage/port';
import type { ConnectionsInternal, NumberInventoryInternal } from '@numberyard/schema/internal';

/** What commands work with. */
export interface CommandContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly hierarchy: Pick<Hierarchy, 'node' | 'visibleNode'>;
  /** The owners of the inventory and of what uses its numbers. */
  readonly numberInventory: Pick<NumberInventoryInternal, 'auditedNode' | 'auditedNumbers' | 'correctNumbers'>;
  readonly connections: Pick<ConnectionsInternal, 'numberUses' | 'lastSyncs'>;
  /** Of the operation that calls a command; absent for workers. */
  readonly requestId?: string;
  /** Doorbells of this process's workers; those of other processes look by themselves. */
  readonly bells: { readonly runQueued: () => void; readonly scheduleChanged: () => void };
}

export function nowOf(context: { readonly clock: Clock }): Instant {
  return toInstant(context.clock.now());
}

/** The caller as the log keeps it. */
export function keyActor(identity: Identity): Actor {
  return { type: 'KEY', id: identity.id, label: identity.label };
}

export const auditActor: Actor = { type: 'WORKER', id: 'audit.runs' };
export const scheduleActor: Actor = { type: 'WORKER', id: 'audit.schedules' };
