/** What a gateway is started with. */
import type { Identity } from '@numberyard/kit/identity/identity';
import type { HttpSubgraph } from './subgraphs/http-source.js';
import type { InProcessSubgraph } from './subgraphs/in-process-source.js';
import type { Logger } from './logger.js';
import type { RoutePrefix } from './routes/route-source.js';

/** Bounds on what one caller, request or stream may take. Sizes in bytes, times in milliseconds. */
export interface GatewayLimits {
  /** Largest request body and largest socket message. */
  readonly bodySize: number;
  /** Lexer tokens of one operation text. */
  readonly tokens: number;
  /** Nesting of fields; introspection has a bound of its own in graphql-js. */
  readonly depth: number;
  /** Fields of one operation after its fragments are spread out. */
  readonly fields: number;
  readonly rootFields: number;
  readonly aliases: number;
  /** Of these, how many may be on and in `__schema` and `__type`: each can be a copy of the whole schema, made in one go. */
  readonly introspectionAliases: number;
  /** A subgraph that has not answered a sub-query by then counts as failed. */
  readonly subgraphTimeout: number;
  /** Connections at a time to a subgraph in another process; sub-queries beyond them wait for one. */
  readonly subgraphConnections: number;
  /** Largest answer, and largest message of a stream, that is taken from a subgraph in another process. */
  readonly subgraphResponseSize: number;
  /** How long a stream whose subgraph went away is kept for it to come back. */
  readonly streamPatience: number;
  readonly headersTimeout: number;
  /** For a request to arrive whole, but for those that are passed on. */
  readonly requestTimeout: number;
  /** Largest body that is passed on. */
  readonly routeBodySize: number;
  /** Requests passed on at a time, and those of one key. */
  readonly routeStreams: number;
  readonly routeStreamsPerCaller: number;
  /** A request that is passed on is cut when nothing goes either way for so long. */
  readonly routeIdle: number;
  readonly sockets: number;
  readonly operationsPerSocket: number;
  /** Time a new socket has to send `connection_init`. */
  readonly socketInitTimeout: number;
  /** Pings go out at this interval; a socket that answered none of the last is cut. */
  readonly socketPingInterval: number;
  /** Unsent bytes on a socket above which its streams are ended with SLOW_CONSUMER. */
  readonly socketBacklog: number;
  /** Live events held for a stream that is still catching up. */
  readonly catchUpBuffer: number;
  /** How long a verified key is believed; at most 5,000, and streams re-verify theirs at this interval. */
  readonly keyAge: number;
  /** What `drain` waits for operations under way. */
  readonly drainTimeout: number;
}

export const defaultLimits: GatewayLimits = {
  bodySize: 1_000_000,
  tokens: 5_000,
  depth: 15,
  fields: 2_000,
  rootFields: 20,
  aliases: 100,
  introspectionAliases: 10,
  subgraphTimeout: 30_000,
  subgraphConnections: 64,
  subgraphResponseSize: 32_000_000,
  streamPatience: 60_000,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  routeBodySize: 1_000_000_000,
  routeStreams: 100,
  routeStreamsPerCaller: 5,
  routeIdle: 60_000,
  sockets: 20_000,
  operationsPerSocket: 100,
  socketInitTimeout: 3_000,
  socketPingInterval: 15_000,
  socketBacklog: 1_000_000,
  catchUpBuffer: 1_000,
  keyAge: 3_000,
  drainTimeout: 10_000,
};

export interface GatewayOptions {
  /** The composed supergraph. Static: another one needs another gateway. */
  readonly supergraphSdl: string;
  /** The subgraphs the supergraph names, all of them: in this process, or at an address. */
  readonly subgraphs: readonly (InProcessSubgraph | HttpSubgraph)[];
  /** Paths that are passed on to a subgraph, beside the graph; none by default. */
  readonly routes?: readonly RoutePrefix[];
  /**
   * Who calls, from the value of an Authorization header (`Bearer <key>`).
   * @returns undefined when the key is missing, unknown, expired or revoked; a rejection is a fault, not a refusal
   */
  readonly authenticate: (authorization: string | undefined) => Promise<Identity | undefined>;
  /** State of everything below the gateway by name: `ok`, or a sentence that says what is wrong. */
  readonly readiness: () => Promise<Readonly<Record<string, string>>>;
  readonly logger: Logger;
  /** 0 takes any free port. */
  readonly port: number;
  readonly host?: string;
  /** Hides the messages of unexpected errors from callers, and from probes why something is not ready. */
  readonly production: boolean;
  readonly limits?: Partial<GatewayLimits>;
  /** Web origins that may call from a browser; none by default. */
  readonly allowedOrigins?: readonly string[];
  readonly explorer?: ExplorerOptions;
}

export interface ExplorerOptions {
  readonly title?: string;
  /** Shown in the first tab. */
  readonly defaultQuery?: string;
}
