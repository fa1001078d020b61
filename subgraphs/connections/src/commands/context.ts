import type { Clock } from '@numberyard/kit/clock/clock';
import { toInstant } from '@numberyard/kit/clock/clock';
import type { SecretBox } from '@numberyard/kit/crypto/secret-box';
import type { Hierarchy } from '@numberyard/kit/hierarchy/hierarchy';
import type { Identity } from '@numberyard/kit/identity/identity';
import type { Actor } from '@numberyard/kit/log/event';
import type { Logger } from '@numberyard/kit/logging/logger';
import type { Instant, Store } from '@numberyard/kit/storage/port';
import type { NumberInventoryInternal } from '@numberyard/schema/internal';
import type { Dial } from './dial.js';

/** What commands work with. */
export interface CommandContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly secretBox: SecretBox;
  readonly hierarchy: Pick<Hierarchy, 'node' | 'visibleNode'>;
  readonly dial: Dial;
  /** Value of a macro in force at a hierarchy node, of number-inventory. */
  readonly effectiveMacro: NumberInventoryInternal['effectiveMacro'];
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

/** What led to an event, as it tells it: the request that asked for it. */
export function causeOf({ requestId }: { readonly requestId?: string | undefined }): { readonly cause?: string } {
  return requestId === undefined ? {} : { cause: `request:${requestId}` };
}

/** Who did it, when, and what led to it. */
export function toldBy(context: CommandContext, identity: Identity) {
  return { actor: keyActor(identity), time: nowOf(context), ...causeOf(context) };
}

export const syncActor: Actor = { type: 'WORKER', id: 'connections.sync' };
export const scheduleActor: Actor = { type: 'WORKER', id: 'connections.schedules' };
