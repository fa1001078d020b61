/**
 * The client of an AudioCodes Routing Manager's northbound interface. It only reads. The routing manager is reached over HTTPS; where
 * `allowPlainHttp` is set and it turns out not to speak TLS, over HTTP, which shows the credentials to whoever listens.
 */
import type { Clock } from '@numberyard/kit/clock/clock';
import { ListingCheck } from '../domain/listing-check.js';
import { parseRoutingManager } from '../domain/routing-manager-address.js';
import { checkNetwork } from './address-policy.js';
import type { AddressPolicy } from './address-policy.js';
import { guardedConnector } from './connector.js';
import { basicAuthorization, sessionAuthorization } from './credentials.js';
import type { Authorization } from './credentials.js';
import { statusFailure } from './failures.js';
import { listPages, NODES_MAXIMUM, USERS_MAXIMUM } from './pages.js';
import { parseListing, parseNode, parseRegisteredUser, parseServerStatus, parseToken, saysNotFound } from './record.js';
import type { Listing, NodeRecord, RegisteredUserRecord } from './record.js';
import { withRetries } from './retry.js';
import { RoutingManagerError } from './routing-manager-error.js';
import { DEFAULT_BOUNDS, Transport } from './transport.js';
import type { Bounds, Response } from './transport.js';
import * as wire from './wire.js';

export interface RoutingManagerTarget {
  /** IPv4 or IPv6 address or hostname, optional port (443 when left out). */
  readonly address: string;
  readonly username: string;
  readonly password: string;
  readonly authenticationMethod: 'BASIC' | 'SESSION';
  readonly tlsVerify: boolean;
  /** SHA-256 fingerprint the certificate must have while `tlsVerify` is off; any is taken when left out. */
  readonly pinnedCertificate?: string | undefined;
  /** Goes along with every call as `X-Request-Id`, so that one request is found in the logs of both. */
  readonly requestId?: string | undefined;
}

export interface RoutingManagerClientOptions {
  readonly clock: Clock;
  readonly policy: AddressPolicy;
  readonly allowPlainHttp?: boolean;
  /** Authorities trusted besides the usual ones, PEM. */
  readonly certificateAuthorities?: string | undefined;
  readonly basePath?: string;
  readonly bounds?: Partial<Bounds>;
  /** How often a call is made at most; 3 when left out. */
  readonly tries?: number;
  /** From 0 to below 1; for the jitter between tries. */
  readonly random?: () => number;
}

/** Every method throws RoutingManagerError, or the reason of its signal when that is aborted. */
export interface RoutingManagerClient {
  serverStatus(signal?: AbortSignal): Promise<{ readonly routers: number }>;
  /** All nodes; a listing that is cut, repeated or inconsistent throws. */
  nodes(signal?: AbortSignal): Promise<NodeRecord[]>;
  /** How many registered users the routing manager says it has. */
  registeredUserCount(signal?: AbortSignal): Promise<number>;
  /**
   * The registered users, page by page; the next page is fetched while the caller works on this one. It ends with an empty page or
   * where the total says so. Whether all of it makes sense together (totals, repetitions) is for the caller to judge.
   */
  pages(signal?: AbortSignal): AsyncGenerator<Listing<RegisteredUserRecord>, void, undefined>;
  /** One by its id; undefined when the routing manager says that it is not there. */
  user(id: string, signal?: AbortSignal): Promise<RegisteredUserRecord | undefined>;
  /** SHA-256 fingerprint of the certificate seen last; undefined before the first connection and over plain HTTP. */
  readonly seenCertificate: string | undefined;
  /** Cuts every connection. */
  close(): Promise<void>;
}

/**
 * Dials nothing yet.
 * @throws RoutingManagerError HOST_UNREACHABLE when the address is none
 * @throws Error when a network of the policy is none
 */
export function connectRoutingManager(
  target: RoutingManagerTarget,
  options: RoutingManagerClientOptions,
): RoutingManagerClient {
  const address = parseRoutingManager(target.address);
  if (!address)
    throw new RoutingManagerError('HOST_UNREACHABLE', 'The routing manager is neither an address nor a hostname.');
  options.policy.allowedNetworks?.forEach(checkNetwork);
  const { clock, basePath = wire.DEFAULT_BASE_PATH } = options;
  const bounds = { ...DEFAULT_BOUNDS, ...options.bounds };
  const retries = { clock, random: options.random ?? Math.random, tries: options.tries ?? 3 };
  let seenCertificate: string | undefined;
  const transport = new Transport({
    target: address,
    bounds,
    connect: guardedConnector({
      policy: options.policy,
      port: address.port,
      tlsVerify: target.tlsVerify,
      pinnedCertificate: target.pinnedCertificate,
      certificateAuthorities: options.certificateAuthorities,
      connectMs: bounds.connectMs,
      onCertificate: (fingerprint) => (seenCertificate = fingerprint),
    }),
    // A peer that has shown a certificate before must not talk us out of TLS.
    mayUsePlainHttp: () =>
      options.allowPlainHttp === true && target.pinnedCertificate === undefined && seenCertificate === undefined,
  });
  const authorization: Authorization =
    target.authenticationMethod === 'BASIC' ? basicAuthorization(target) : sessionAuthorization(login);

  const common = {
    accept: 'application/json',
    ...(target.requestId !== undefined && { 'x-request-id': target.requestId }),
  };

  async function login(signal: AbortSignal | undefined): Promise<string> {
    const body = JSON.stringify({
      [wire.login.username]: target.username,
      [wire.login.password]: target.password,
    });
    const headers = { ...common, 'content-type': 'application/json' };
    const request = { method: 'POST' as const, path: `${basePath}${wire.paths.login}`, headers, body };
    return parseToken(read(accepted(await transport.call(request, signal))));
  }

  async function once(path: string, signal: AbortSignal | undefined): Promise<Response> {
    const header = await authorization.header(signal);
    const headers = { ...common, authorization: header };
    const response = await transport.call({ method: 'GET', path: `${basePath}${path}`, headers }, signal);
    if (response.status !== 401 || !authorization.refused(header)) return response;
    const another = { ...headers, authorization: await authorization.header(signal) };
    return transport.call({ method: 'GET', path: `${basePath}${path}`, headers: another }, signal);
  }

  function get(path: string, signal: AbortSignal | undefined, alsoTakes?: (response: Response) => boolean) {
    const attempt = async () => {
      const response = await once(path, signal);
      return alsoTakes?.(response) ? response : accepted(response);
    };
    return withRetries(attempt, retries, signal);
  }

  function accepted(response: Response): Response {
    if (response.status === 200) return response;
    throw statusFailure(response, { now: clock.now(), longestMs: bounds.retryAfterMs });
  }

  async function list<Item>(
    path: string,
    asked: { what: string; offset: number; limit: number },
    parseItem: (value: unknown, where: string) => Item,
    signal: AbortSignal | undefined,
  ): Promise<Listing<Item>> {
    const { offset, limit } = wire.parameters;
    const query = `${offset}=${asked.offset}&${limit}=${asked.limit}`;
    return parseListing(read(await get(`${path}?${query}`, signal)), asked, parseItem);
  }

  const registeredUsers = (offset: number, limit: number, signal: AbortSignal | undefined) =>
    list(wire.paths.registeredUsers, { what: 'registered users', offset, limit }, parseRegisteredUser, signal);

  return {
    async serverStatus(signal) {
      return parseServerStatus(read(await get(wire.paths.serverStatus, signal)));
    },
    async nodes(signal) {
      const nodes: NodeRecord[] = [];
      const check = new ListingCheck();
      const fetch = (offset: number, limit: number, until: AbortSignal) =>
        list(wire.paths.nodes, { what: 'nodes', offset, limit }, parseNode, until);
      for await (const page of listPages(fetch, NODES_MAXIMUM, signal)) nodes.push(...check.page(page));
      if (check.problem() === undefined) return nodes;
      throw new RoutingManagerError(
        'UNEXPECTED_ANSWER',
        'The routing manager did not list all of its nodes (SBCs), or some of them twice, so nobody knows whose users stay as they are.',
      );
    },
    async registeredUserCount(signal) {
      return (await registeredUsers(0, 1, signal)).total;
    },
    pages: (signal) => listPages(registeredUsers, USERS_MAXIMUM, signal),
    async user(id, signal) {
      const path = `${wire.paths.registeredUsers}/${encodeURIComponent(id)}`;
      const response = await get(path, signal, ({ status, text }) => status === 404 && saysNotFound(jsonOf(text)));
      if (response.status === 404) return undefined;
      const user = parseRegisteredUser(read(response), 'registered user');
      if (user.id === id) return user;
      throw new RoutingManagerError(
        'UNEXPECTED_ANSWER',
        'The routing manager answered with another registered user than the one asked for.',
      );
    },
    get seenCertificate() {
      return seenCertificate;
    },
    close: () => transport.close(),
  };
}

function read({ text }: Response): unknown {
  const value = jsonOf(text);
  if (value === undefined)
    throw new RoutingManagerError(
      'UNEXPECTED_ANSWER',
      'What answers there does not answer in JSON. Check that it is a routing manager and that no proxy stands between.',
    );
  return value;
}

/** undefined when the text is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
