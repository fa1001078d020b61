/** Bounds on what a caller of a service may take. Sizes in bytes, times in milliseconds. */
export interface ServiceLimits {
  /** Largest request body and largest socket message. */
  readonly bodySize: number;
  /** Bodies together that are being read of requests whose signature is not checked yet. */
  readonly unprovenBodies: number;
  /** What an operation, and each event of a stream, may take. */
  readonly operationTimeout: number;
  readonly headersTimeout: number;
  /** For a request to arrive whole, but for those whose bodies are streams. */
  readonly requestTimeout: number;
  /** A stream on which nothing goes either way for so long is cut. */
  readonly streamIdle: number;
  /** Longer than any caller keeps an idle connection, so that it is never the server who closes one that a request is just sent on. */
  readonly keepAliveTimeout: number;
  /** Long polls of the log held at a time. */
  readonly longPolls: number;
  /** Time a new socket has to send `connection_init`. */
  readonly socketInitTimeout: number;
  /** Time a new socket has to send an operation that is signed. */
  readonly socketProofTimeout: number;
  /** Sockets that have not sent such an operation yet; the oldest goes when there are more. */
  readonly unprovenSockets: number;
  /** Pings go out at this interval; a socket that did not answer the last is cut. */
  readonly socketPingInterval: number;
  /** What `drain` waits for requests under way. */
  readonly drainTimeout: number;
}

export const defaultServiceLimits: ServiceLimits = {
  // A gateway's own bound, and room for what its planner adds.
  bodySize: 4_000_000,
  unprovenBodies: 100_000_000,
  operationTimeout: 30_000,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  streamIdle: 120_000,
  keepAliveTimeout: 65_000,
  longPolls: 500,
  socketInitTimeout: 3_000,
  socketProofTimeout: 10_000,
  unprovenSockets: 100,
  socketPingInterval: 12_000,
  drainTimeout: 15_000,
};
