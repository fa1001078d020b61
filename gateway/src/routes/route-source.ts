/** Whoever answers the requests that are passed on beside the graph: a subgraph in this process, or at an address. */
import type { RouteAnswer, RouteRequest } from '@numberyard/kit/service/routes';

export interface PassedRequest extends RouteRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query as the caller sent them. */
  readonly target: string;
}

export interface RouteSource {
  /** @throws Refused; anything else is a fault */
  ask(request: PassedRequest): Promise<RouteAnswer>;
  close(): Promise<void>;
}

/** A path that begins with `prefix`, and with no longer one, is the subgraph's. */
export interface RoutePrefix {
  readonly prefix: string;
  /** Its name in the supergraph. */
  readonly subgraph: string;
}
