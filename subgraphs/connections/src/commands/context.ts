import type { Clock } from '@numberyard/kit/clock/clock';
import { toInstant } from '@numberyard/kit/clock/clock';
import type { SecretBox } from '@numberyard/kit/crypto/secret-box';
import type { Hierarchy } from '@numberyard/kit/hierarchy/hierarchy';
import type { Identity } from '@numberyard/kit/identity/identity';
import type { Actor } from '@numberyard/kit/log/event';
import type { Logger } from '@numberyard/kit/logging/logger';
import type { Instant, Store } from '@numberyard/kit/storage/port';
import type { Dial } from './dial.js';

/** What commands work with. */
export interface CommandContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly secretBox: SecretBox;
  readonly hierarchy: Pick<Hierarchy, 'node' | 'visibleNode'>;
  readonly dial: Dial;
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

export const syncActor: Actor = { type: 'WORKER', id: 'connections.sync' };
export const scheduleActor: Actor = { type: 'WORKER', id: 'connections.schedules' };
