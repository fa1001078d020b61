/** Starts a simulated AudioCodes Routing Manager. */
import { createServer as createHttpServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { fingerprint, selfSignedCertificate } from './certificate.js';
import type { Certificate } from './certificate.js';
import { everyReally } from './coming-and-going.js';
import type { Every } from './coming-and-going.js';
import { RoutingManagerControl } from './control.js';
import { requestListener } from './listener.js';
import { LocalUsers } from './local-users.js';
import { nodesFrom } from './nodes.js';
import type { NodeOptions } from './nodes.js';
import { Registrations } from './registrations.js';
import { Sessions } from './sessions.js';
import { DEFAULT_BASE_PATH } from './wire.js';
import type { LocalUserRecord } from './wire.js';

export type { RoutingManagerControl } from './control.js';
export type { Fault } from './faults.js';

export interface RoutingManagerOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  readonly host?: string;
  readonly basePath?: string;
  readonly username: string;
  readonly password: string;
  /** Plain HTTP when left out. */
  readonly tls?: 'self-signed' | Certificate;
  /** How long a session token is good for; 900 when left out. */
  readonly sessionSeconds?: number;
  /** Two nodes when left out. */
  readonly nodes?: readonly NodeOptions[];
  /** Registered users at the start, spread over the nodes. */
  readonly users?: { readonly count: number; readonly firstNumber: string };
  /** Users of its own directory at the start. */
  readonly localUsers?: readonly Omit<LocalUserRecord, 'id'>[];
  /** Domain of the addresses of record; `sip.example` when left out. */
  readonly domain?: string;
  /** Serve the control interface at `/control`. */
  readonly control?: boolean;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Timer of the devices that come and go. */
  readonly every?: Every;
}

export interface RoutingManager {
  readonly url: string;
  /** `host:port`, an IPv6 host in brackets. */
  readonly address: string;
  /** SHA-256 fingerprint of the certificate at the start; undefined without TLS. */
  readonly fingerprint: string | undefined;
  readonly control: RoutingManagerControl;
  /** Cuts every connection and frees the port. */
  close(): Promise<void>;
}

const TWO_NODES: readonly NodeOptions[] = [
  { id: '1', name: 'SBC-1' },
  { id: '2', name: 'SBC-2' },
];

export async function startRoutingManager(options: RoutingManagerOptions): Promise<RoutingManager> {
  const host = options.host ?? '127.0.0.1';
  const now = options.now ?? Date.now;
  const nodes = nodesFrom(options.nodes ?? TWO_NODES);
  const state = {
    registrations: new Registrations([...nodes.keys()], now),
    nodes,
    localUsers: new LocalUsers(options.localUsers ?? []),
    sessions: new Sessions(options, options.sessionSeconds ?? 900, now),
    domain: options.domain ?? 'sip.example',
    now,
  };
  const { users } = options;
  if (users && users.count > 0) state.registrations.seed(users.count, users);

  const certificate = options.tls === 'self-signed' ? await selfSignedCertificate(host) : options.tls;
  const secure = certificate && createHttpsServer(certificate);
  const server = secure ?? createHttpServer();
  const control = new RoutingManagerControl(state, options.every ?? everyReally, async () => {
    if (!secure) throw new RangeError('The routing manager was started without TLS.');
    const renewed = await selfSignedCertificate(host);
    secure.setSecureContext(renewed);
    secure.closeIdleConnections();
    return fingerprint(renewed);
  });
  const listener: RequestListener = requestListener({
    state,
    control,
    basePath: options.basePath ?? DEFAULT_BASE_PATH,
    servesControl: options.control ?? false,
  });
  server.on('request', listener);
  await listen(server, options.port ?? 0, host);

  const { port } = server.address() as AddressInfo;
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    url: `${secure ? 'https' : 'http'}://${address}`,
    address,
    fingerprint: certificate && fingerprint(certificate),
    control,
    async close() {
      control.stopComingAndGoing();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
