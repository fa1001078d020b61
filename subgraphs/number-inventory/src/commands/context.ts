/** What every command works with, and on whose behalf. */
import type { Clock } from '@numberyard/kit/clock/clock';
import { toInstant } from '@numberyard/kit/clock/clock';
import type { Identity } from '@numberyard/kit/identity/identity';
import type { Actor } from '@numberyard/kit/log/event';
import type { Instant, Store } from '@numberyard/kit/storage/port';
import type { ClaimsInFlight } from './claims-in-flight.js';

export interface Deps {
  readonly store: Store;
  readonly clock: Clock;
  readonly claims: ClaimsInFlight;
}

export interface Caller {
  readonly identity: Identity;
  readonly requestId: string;
}

/** Who did something and what led to it, as events tell it. */
export interface By {
  readonly actor: Actor;
  readonly cause?: string;
}

export function byCaller({ identity, requestId }: Caller): By {
  return { actor: { type: 'KEY', id: identity.id, label: identity.label }, cause: `request:${requestId}` };
}

export function byWorker(id: string, label: string, cause?: string): By {
  return { actor: { type: 'WORKER', id, label }, ...(cause !== undefined && { cause }) };
}

export function nowOf({ clock }: Pick<Deps, 'clock'>): Instant {
  return toInstant(clock.now());
}
