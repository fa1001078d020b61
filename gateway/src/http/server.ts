/** The port: routes, time-outs, request ids, and answers for whatever goes wrong on the way. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Refused, requestIdOf } from '@numberyard/kit/service/message';
import { limitArrival } from '@numberyard/kit/service/streamed';
import type { ErrorMask } from '../errors.js';
import type { Logger } from '../logger.js';
import type { GatewayLimits, GatewayOptions } from '../options.js';
import type { RouteHandler } from '../routes/route-handler.js';
import { corsHeaders, preflightHeaders } from './cors.js';
import { sendLive, sendReady } from './health.js';
import { send, sendError } from './reply.js';

export const graphqlPath = '/graphql';
const explorerPath = '/explorer';

export interface HttpOptions {
  readonly graphql: (
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
    search: string,
  ) => Promise<void>;
  readonly explorer: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Who answers at a path that is passed on. */
  readonly passedOn: (path: string) => RouteHandler | undefined;
  readonly readiness: GatewayOptions['readiness'];
  readonly draining: () => boolean;
  readonly allowedOrigins: readonly string[];
  readonly limits: GatewayLimits;
  readonly mask: ErrorMask;
  readonly logger: Logger;
}

export interface HttpServer {
  readonly server: Server;
  /** Answers under way, and those to come, take their connections down with them: the clients move on to another replica. */
  endKeepAlive(): void;
}

export function httpServer(options: HttpOptions): HttpServer {
  const { headersTimeout, requestTimeout } = options.limits;
  const underWay = new Set<ServerResponse>();
  // Overdue requests are looked for at intervals, every 30 s unless told otherwise, which would triple the time they get.
  const connectionsCheckingInterval = Math.min(headersTimeout, requestTimeout) / 2;
  // How long a request may take to arrive depends on what it is, see `limitArrival`.
  const timeouts = { headersTimeout, requestTimeout: 0, connectionsCheckingInterval };
  const server = createServer(timeouts, (request, response) => {
    const requestId = requestIdOf(request.headers['x-request-id']);
    response.setHeader('x-request-id', requestId);
    if (options.draining()) response.shouldKeepAlive = false;
    underWay.add(response);
    response.on('close', () => underWay.delete(response));
    route(options, request, response, requestId)
      .catch((error: unknown) => refuse(options, response, requestId, error))
      .finally(() => {
        if (response.statusCode < 400) return;
        // The path only: a query string holds what a caller typed in.
        const path = request.url?.split('?', 1)[0];
        const { statusCode: status } = response;
        options.logger.info({ requestId, method: request.method, path, status }, 'request refused');
      });
  });
  const endKeepAlive = (): void => {
    for (const response of underWay) response.shouldKeepAlive = false;
  };
  return { server, endKeepAlive };
}

async function route(
  options: HttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
): Promise<void> {
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const search = mark < 0 ? '' : target.slice(mark);
  const reads = request.method === 'GET' || request.method === 'HEAD';
  for (const [name, value] of Object.entries(corsHeaders(request, options.allowedOrigins)))
    response.setHeader(name, value);

  const passOn = options.passedOn(path);
  if (passOn) {
    if (request.method === 'OPTIONS' && response.hasHeader('access-control-allow-origin')) {
      return send(response, 204, preflightHeaders, '');
    }
    return passOn(request, response, requestId);
  }
  limitArrival(request, response, options.limits.requestTimeout);
  if (path === graphqlPath) {
    if (request.method === 'OPTIONS' && response.hasHeader('access-control-allow-origin')) {
      return send(response, 204, preflightHeaders, '');
    }
    if (reads && search === '' && wantsPage(request)) return redirect(response);
    return options.graphql(request, response, requestId, search);
  }
  if (reads && path === '/' && wantsPage(request)) return redirect(response);
  if (reads && path === explorerPath) return options.explorer(request, response);
  if (reads && path === '/health/live') return sendLive(response);
  if (reads && path === '/health/ready') return sendReady(response, options.readiness, options.draining());
  sendError(response, 404, 'NOT_FOUND', `Nothing is served here; GraphQL is at ${graphqlPath}.`);
}

function wantsPage(request: IncomingMessage): boolean {
  return /\btext\/html\b/.test(request.headers.accept ?? '');
}

function redirect(response: ServerResponse): void {
  send(response, 302, { location: explorerPath }, '');
}

function refuse(options: HttpOptions, response: ServerResponse, requestId: string, error: unknown): void {
  if (error instanceof Refused) {
    // The rest of a body that is not read would be taken for the next request.
    return sendError(
      response,
      error.status,
      error.code,
      error.message,
      error.status === 413 ? { connection: 'close' } : {},
    );
  }
  const masked = options.mask.mask(error, requestId, 'http');
  sendError(response, 500, String(masked.extensions['code']), masked.message);
}
