/** What a subgraph serves beside the graph: paths whose bodies and answers are streams, asked by the same callers with the same rights. */
import { GraphQLError } from 'graphql';
import type { Identity } from '../identity/identity.js';
import { refusalOf } from './internal-route.js';
import { Refused } from './message.js';

export interface RouteRequest {
  readonly path: string;
  readonly search: URLSearchParams;
  /** Those of {@link ROUTE_HEADERS} that were sent. */
  readonly headers: Readonly<Record<string, string>>;
  readonly identity: Identity;
  readonly requestId: string;
  /** Can be read once. Throws when it was cut, after which nothing that has not come yet may be believed. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Aborted once nobody waits for the answer. */
  readonly signal: AbortSignal;
}

export interface RouteAnswer {
  /** In lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Read as fast as it is taken. When it throws, the answer is cut so that whoever reads it can tell. */
  readonly body: AsyncIterable<string | Uint8Array>;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** Refuses by throwing what a resolver throws, or `Refused`. Nothing is sent before it resolves. */
  answer(request: RouteRequest): Promise<RouteAnswer>;
}

/** By path. */
export type Routes = ReadonlyMap<string, Route>;

/** Headers of a request that routes are told of. */
export const ROUTE_HEADERS = ['accept', 'content-type', 'idempotency-key'] as const;

/** Statuses of the codes that refusals of a subgraph carry. */
const STATUSES: Readonly<Record<string, number>> = { FORBIDDEN: 403, BAD_USER_INPUT: 400 };

/** The headers a route is told of. */
export function routeHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const told: Record<string, string> = {};
  for (const name of ROUTE_HEADERS) {
    const value = headers[name];
    if (typeof value === 'string') told[name] = value;
  }
  return told;
}

/**
 * Ask the route at the request's path.
 * @throws Refused, and what is no refusal as it is
 */
export async function askRoute(routes: Routes, method: string, request: RouteRequest): Promise<RouteAnswer> {
  const route = routes.get(request.path);
  if (!route) throw new Refused(404, 'NOT_FOUND', 'Nothing is served here.');
  if (method !== route.method) throw new Refused(405, 'METHOD_NOT_ALLOWED', `This is asked by ${route.method}.`);
  try {
    return await route.answer(request);
  } catch (error) {
    throw routeRefusalOf(error) ?? error;
  }
}

/** What an error means to the caller of a route, when somebody decided that it means something. */
export function routeRefusalOf(error: unknown): Refused | undefined {
  if (!(error instanceof GraphQLError)) return refusalOf(error);
  const { code, ...rest } = error.extensions;
  const status = typeof code === 'string' ? STATUSES[code] : undefined;
  return status === undefined ? undefined : new Refused(status, String(code), error.message, rest);
}
