/** An AudioCodes connection and the rules its fields obey (AudioCodes Device Number Integration). */
import type { Doc, Instant } from '@numberyard/kit/storage/port';
import type { ConnectionsRefusal } from './refusals.js';
import { isSameRoutingManager, parseRoutingManager } from './routing-manager-address.js';

export type AuthenticationMethod = 'BASIC' | 'SESSION';
export type ReachabilityState = 'UNKNOWN' | 'REACHABLE' | 'UNREACHABLE';

export interface Reachability {
  readonly state: ReachabilityState;
  readonly checkedAt?: Instant;
  readonly error?: string;
}

export interface AudioCodesConnection extends Doc {
  readonly type: 'AudioCodes';
  readonly name: string;
  /** The name without regard to case; with `customer` it is unique. */
  readonly foldedName: string;
  /** The customer it belongs to: its node, or the one its site lies below. */
  readonly customer: string;
  readonly node: string;
  readonly path: string;
  /** Ids on the path, so that it is found at each ancestor. */
  readonly ancestors: readonly string[];
  readonly routingManager: string;
  readonly username: string;
  /** Sealed; opens at {@link passwordPlace} only. */
  readonly sealedPassword: string;
  readonly authenticationMethod: AuthenticationMethod;
  readonly tlsVerify: boolean;
  /** SHA-256 fingerprint of the first certificate seen while `tlsVerify` is off. */
  readonly pinnedCertificate?: string;
  readonly reachability: Reachability;
  /** The newest run of either data sync. */
  readonly lastRun?: string;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** What an administrator may write; absent is "leave as it is". */
export interface ConnectionFields {
  readonly name?: string;
  readonly routingManager?: string;
  readonly username?: string;
  readonly password?: string;
}

export const NAME = /^[A-Za-z0-9_.-]{1,64}$/;

/** Refusals for those fields that are given. */
export function checkConnectionFields(fields: ConnectionFields): ConnectionsRefusal[] {
  const refusals: ConnectionsRefusal[] = [];
  const { name, routingManager, username, password } = fields;
  if (name !== undefined && !NAME.test(name)) {
    refusals.push(invalid('name', 'A name is 1 to 64 letters (A-Z, a-z), digits, underscores, dots and hyphens.'));
  }
  if (routingManager !== undefined && !parseRoutingManager(routingManager)) {
    refusals.push(
      invalid(
        'routingManager',
        'This is neither an IPv4 address, an IPv6 address nor a hostname, with or without a port.',
      ),
    );
  }
  if (username !== undefined) refusals.push(...checkText('username', username));
  if (password !== undefined) refusals.push(...checkText('password', password));
  return refusals;
}

/**
 * The saved password goes to nobody it was not given for: it has to be given again for another Routing Manager, and for one that need not prove any longer
 * who it is.
 */
export function checkPasswordGiven(
  old: Pick<AudioCodesConnection, 'routingManager' | 'tlsVerify'>,
  change: Pick<ConnectionFields, 'routingManager' | 'password'> & { readonly tlsVerify?: boolean },
): ConnectionsRefusal[] {
  const { routingManager = old.routingManager, tlsVerify = old.tlsVerify, password } = change;
  const elsewhere = !isSameRoutingManager(routingManager, old.routingManager);
  if (password !== undefined || (!elsewhere && (tlsVerify || !old.tlsVerify))) return [];
  const because = elsewhere
    ? 'The routing manager is another one'
    : 'The certificate of the routing manager is no longer verified';
  return [{ code: 'REQUIRED', message: `${because}, so the password has to be given again.`, field: 'password' }];
}

function checkText(field: 'username' | 'password', value: string): ConnectionsRefusal[] {
  if (value === '') return [{ code: 'REQUIRED', message: `The ${field} is missing.`, field }];
  if (value.length > 256) {
    return [{ code: 'OUT_OF_RANGE', message: `The ${field} is longer than 256 characters.`, field }];
  }
  // A colon would end the user name in HTTP Basic.
  if (field === 'username' && /[:\p{Cc}]/u.test(value)) {
    return [invalid(field, 'A username holds neither a colon nor control characters.')];
  }
  return [];
}

function invalid(field: string, message: string): ConnectionsRefusal {
  return { code: 'INVALID', message, field };
}

export function foldName(name: string): string {
  return name.toLowerCase();
}

/** What the sealed password is bound to. */
export function passwordPlace(connection: string): string {
  return `AudioCodesConnection:${connection}:password`;
}
