/** A registered user as it is mirrored (AudioCodes Device Number Integration: device/audiocodes/RegisteredUsers). */
import type { Doc, Instant } from '@numberyard/kit/storage/port';
import { createHash } from 'node:crypto';

export type RegistrationState = 'ONLINE' | 'OFFLINE';

/** What the Routing Manager says of a registration, read by name and checked. */
export interface ListedUser {
  /** Id at the Routing Manager. */
  readonly id: string;
  readonly aor: string;
  /** Absent when the user part of the address of record is none. */
  readonly number?: string;
  readonly state: RegistrationState;
  /** Id and name of the node (SBC) that holds the registration. */
  readonly sbc: string;
  readonly sbcName: string;
}

export interface RegisteredUser extends Doc {
  readonly connection: string;
  readonly armId: string;
  readonly aor: string;
  readonly number?: string;
  readonly state: RegistrationState;
  readonly sbc: string;
  readonly sbcName: string;
  /** The number while the user is there; offline is not there. */
  readonly inUse?: string;
  readonly changedAt: Instant;
}

/** The mirrored user that a listed one should be, at version `version`. */
export function mirrored(
  user: ListedUser,
  ref: string,
  connection: string,
  version: number,
  now: Instant,
): RegisteredUser {
  const { id, aor, number, state, sbc, sbcName } = user;
  return {
    id: ref,
    version,
    connection,
    armId: id,
    aor,
    state,
    sbc,
    sbcName,
    ...(number === undefined ? {} : { number, ...(state === 'ONLINE' ? { inUse: number } : {}) }),
    changedAt: now,
  };
}

export function isSame(old: RegisteredUser, user: ListedUser): boolean {
  return (
    old.state === user.state &&
    old.aor === user.aor &&
    old.number === user.number &&
    old.sbc === user.sbc &&
    old.sbcName === user.sbcName
  );
}

/** The mirror's id of a user: unique over all connections, and fit for an id whatever the Routing Manager's own looks like. */
export function refOf(connection: string, armId: string): string {
  return `${connection}.${/^[A-Za-z0-9_-]{1,64}$/.test(armId) ? armId : hashed(armId)}`;
}

/** No id that is taken as it is begins with a tilde. */
function hashed(armId: string): string {
  return `~${createHash('sha256').update(armId).digest('base64url').slice(0, 32)}`;
}
