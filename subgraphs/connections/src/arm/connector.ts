/** Opens sockets to a routing manager: the address is judged after resolution, the certificate before anything is said. */
import { lookup as resolve } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';
import { rootCertificates, TLSSocket } from 'node:tls';
import { buildConnector } from 'undici';
import { refusalOf } from './address-policy.js';
import type { AddressPolicy } from './address-policy.js';
import { RoutingManagerError } from './routing-manager-error.js';

export interface ConnectorOptions {
  readonly policy: AddressPolicy;
  /** The port that is called. */
  readonly port: number;
  /** Whether the certificate must be vouched for; else it must be the pinned one, or is the first one seen. */
  readonly tlsVerify: boolean;
  readonly pinnedCertificate: string | undefined;
  /** Authorities trusted besides the usual ones, PEM. */
  readonly certificateAuthorities: string | undefined;
  readonly connectMs: number;
  /** Told the SHA-256 fingerprint of the certificate of a new connection. */
  readonly onCertificate: (fingerprint: string) => void;
}

export function guardedConnector(options: ConnectorOptions): buildConnector.connector {
  const { policy, port, tlsVerify, certificateAuthorities, connectMs } = options;
  let pinned = options.pinnedCertificate;
  const connect = buildConnector({
    timeout: connectMs,
    lookup: guardedLookup(policy, port),
    rejectUnauthorized: tlsVerify,
    // A resumed session would show the certificate of the one before.
    maxCachedSessions: 0,
    ...(certificateAuthorities !== undefined && { ca: [...rootCertificates, certificateAuthorities] }),
  });
  return (target, callback) => {
    // Nothing is looked up for an address, so it is judged here.
    const host = target.hostname.replace(/^\[|\]$/g, '');
    const refusal = isIP(host) ? refusalOf(host, policy, port) : undefined;
    if (refusal) {
      callback(notAllowed(host, refusal), null);
      return;
    }
    connect(target, (...[error, socket]) => {
      if (error) {
        callback(error, null);
        return;
      }
      if (socket instanceof TLSSocket) {
        const { fingerprint256 } = socket.getPeerCertificate();
        if (!tlsVerify && !(fingerprint256 && (pinned ??= fingerprint256) === fingerprint256)) {
          socket.destroy();
          callback(otherCertificate(), null);
          return;
        }
        options.onCertificate(fingerprint256);
      }
      callback(null, socket);
    });
  };
}

function otherCertificate(): RoutingManagerError {
  return new RoutingManagerError(
    'CERTIFICATE_REFUSED',
    'The routing manager does not show the certificate seen first. Accept the new one if it was changed on purpose.',
  );
}

/** Resolves a name to those of its addresses that calls may go to. The socket goes to what was judged: the name is not resolved again. */
function guardedLookup(policy: AddressPolicy, port: number): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) {
        callback(error, []);
        return;
      }
      const allowed = addresses.filter(({ address }) => refusalOf(address, policy, port) === undefined);
      const [first] = allowed;
      if (!first) {
        const address = addresses[0]?.address ?? hostname;
        callback(notAllowed(address, refusalOf(address, policy, port) ?? 'is no address'), []);
      } else if (options.all) {
        callback(null, allowed);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };
}

function notAllowed(address: string, refusal: string): RoutingManagerError {
  return new RoutingManagerError(
    'ADDRESS_NOT_ALLOWED',
    `Calls must not go to ${address}: it ${refusal}. Check the address of the routing manager, or the allowed networks.`,
  );
}
