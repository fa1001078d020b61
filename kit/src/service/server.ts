/**
 * The port of a service: `/graphql`, `/internal/…` and `/health/…`. Whatever is not health needs a signature, checked here and nowhere else. It listens
 * before there is anything to serve, so that whoever probes it hears why it is not ready.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock/clock.js';
import type { Subgraph } from '../graph/subgraph.js';
import { SubgraphExecutor } from '../graph/subgraph-executor.js';
import type { FollowedLog } from '../log/event.js';
import type { Logger } from '../logging/logger.js';
import { answerFirst } from '../workers/courtesy.js';
import type { InternalFunction } from './endpoints.js';
import { answerOperation } from './graphql-route.js';
import { GraphQLSockets } from './graphql-sockets.js';
import { answerInternal, refusalOf } from './internal-route.js';
import { defaultServiceLimits, type ServiceLimits } from './limits.js';
import { answerLog } from './log-route.js';
import { Refused, requestIdOf, send, sendJson, sendRefusal, STARTING } from './message.js';
import { Readiness } from './readiness.js';
import { unframed } from './frames.js';
import { askRoute, routeHeaders } from './routes.js';
import { IDENTITY_HEADER, STREAM_HEADER, streamHead, verifyCaller, type Caller } from './signature.js';
import { bodyOf, cutWhenIdle, discardRest, limitArrival, sendStream, whileAnswered } from './streamed.js';
import { UnprovenBodies } from './unproven-bodies.js';

export interface ServiceOptions {
  readonly name: string;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Shared by all services that may call each other; at least 32 characters. */
  readonly secret: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Resolves when traffic should come; throws an Error whose message says why not. */
  readonly readiness: () => Promise<void>;
  readonly limits?: Partial<ServiceLimits>;
}

export interface Served {
  readonly subgraph: Pick<Subgraph, 'name' | 'schema' | 'context' | 'routes'>;
  readonly log: FollowedLog;
  /** What other services may call, by name. */
  readonly internal: ReadonlyMap<string, InternalFunction>;
}

interface Serving extends Served {
  readonly executor: SubgraphExecutor;
  readonly sockets: GraphQLSockets;
}

/** What one service asks of another. */
interface ServiceQuestion {
  readonly method: string;
  readonly name: string;
  /** The query with its question mark. */
  readonly search: string;
  /** Name of the service that asks. */
  readonly caller: string;
  readonly body: Buffer;
}

/** Time a new connection has to begin a request while the service is drained, milliseconds. */
const SILENT_FOR = 1_000;
const EMPTY = Buffer.alloc(0);

/** Start to listen. @throws Error when the port cannot be had */
export async function startService(options: ServiceOptions): Promise<Service> {
  const service = new Service(options);
  await service.listen();
  return service;
}

export class Service {
  readonly #options: ServiceOptions;
  readonly #limits: ServiceLimits;
  readonly #readiness: Readiness;
  readonly #bodies: UnprovenBodies;
  readonly #http: Server;
  readonly #underWay = new Set<ServerResponse>();
  /** Those of HTTP. */
  readonly #connections = new Set<Socket>();
  /** Of the long polls that are held. */
  readonly #waiting = new Set<AbortController>();
  #served: Serving | undefined;
  #port = 0;
  #draining: Promise<void> | undefined;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.#limits = { ...defaultServiceLimits, ...options.limits };
    this.#readiness = new Readiness(options.readiness, options.logger);
    const { headersTimeout, requestTimeout, keepAliveTimeout, bodySize, unprovenBodies } = this.#limits;
    this.#bodies = new UnprovenBodies({ each: bodySize, together: unprovenBodies, logger: options.logger });
    const connectionsCheckingInterval = Math.min(headersTimeout, requestTimeout) / 2;
    // How long a request may take to arrive depends on what it is, see `limitArrival`.
    this.#http = createServer(
      { headersTimeout, requestTimeout: 0, keepAliveTimeout, connectionsCheckingInterval },
      (request, response) => void this.#answer(request, response),
    );
    this.#http.on('connection', (socket) => {
      this.#connections.add(socket);
      socket.once('close', () => this.#connections.delete(socket));
    });
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** Of the root, without a slash at the end. */
  get url(): string {
    const { host } = this.#options;
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.port}`;
  }

  get port(): number {
    return this.#port;
  }

  async listen(): Promise<void> {
    this.#http.listen(this.#options.port, this.#options.host);
    await once(this.#http, 'listening');
    this.#port = (this.#http.address() as AddressInfo).port;
  }

  /** From now on answer with this; before, whoever calls is told to come back. */
  serve(served: Served): void {
    const { secret, clock, logger } = this.#options;
    const executor = new SubgraphExecutor(served.subgraph, this.#limits.operationTimeout);
    const { schema } = served.subgraph;
    const sockets = new GraphQLSockets({ executor, schema, secret, clock, logger, limits: this.#limits });
    this.#served = { ...served, executor, sockets };
  }

  /** Turn unready, take nothing new, finish what is under way, send sockets and long polls elsewhere, free the port. */
  drain(): Promise<void> {
    this.#draining ??= this.#drain();
    return this.#draining;
  }

  async #drain(): Promise<void> {
    const closed = once(this.#http, 'close');
    this.#http.close();
    for (const response of this.#underWay) response.shouldKeepAlive = false;
    for (const waiting of this.#waiting) waiting.abort();
    this.#http.closeIdleConnections();
    const { drainTimeout } = this.#limits;
    const silent = setTimeout(() => this.#closeSilent(), SILENT_FOR);
    const cut = setTimeout(() => this.#http.closeAllConnections(), drainTimeout);
    await this.#served?.sockets.drain(drainTimeout / 3);
    await closed;
    clearTimeout(silent);
    clearTimeout(cut);
  }

  /** Connections that never carried a request do not count as idle for Node. */
  #closeSilent(): void {
    const busy = new Set([...this.#underWay].map(({ socket }) => socket));
    for (const connection of this.#connections) if (!busy.has(connection)) connection.destroy();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = requestIdOf(request.headers['x-request-id']);
    response.setHeader('x-request-id', requestId);
    if (this.#draining) response.shouldKeepAlive = false;
    this.#underWay.add(response);
    response.once('close', () => this.#underWay.delete(response));
    try {
      await this.#route(request, response, requestId);
    } catch (error) {
      this.#refuse(request, response, requestId, error);
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    const { method = '', url: target = '/' } = request;
    const [path = '', search = ''] = split(target);
    const reads = method === 'GET' || method === 'HEAD';
    if (reads && path === '/health/live') return sendJson(response, 200, { status: 'ok' });
    if (reads && path === '/health/ready') return this.#sendReady(request, response);
    if (request.headers[STREAM_HEADER] !== undefined) return this.#stream(request, response, requestId);
    limitArrival(request, response, this.#limits.requestTimeout);
    const named = request.headers[IDENTITY_HEADER] !== undefined;
    // Nobody is read from who does not say who it is.
    const body = named ? await this.#bodies.read(request) : EMPTY;
    const caller = this.#verify(request, body);
    const served = this.#serving();
    if (path === '/graphql') {
      need(method, 'POST');
      const contentType = request.headers['content-type'];
      const asked = { caller, requestId, contentType, body };
      const answer = await answerFirst(() => answerOperation(asked, served.executor, this.#options.logger));
      return send(response, 200, 'application/json; charset=utf-8', answer);
    }
    if (path.startsWith('/internal/')) {
      if (!('service' in caller)) throw new Refused(403, 'FORBIDDEN', 'This is for services.');
      const asked = { method, name: path.slice('/internal/'.length), search, caller: caller.service, body };
      return this.#answerService(asked, response, served).catch((error: unknown) => {
        throw refusalOf(error) ?? error;
      });
    }
    throw new Refused(404, 'NOT_FOUND', 'Nothing is served here.');
  }

  #serving(): Serving {
    if (!this.#served) throw new Refused(503, STARTING, `${this.#options.name} is starting; come back in a moment.`);
    return this.#served;
  }

  /** An end caller's request whose body is signed as it goes. */
  async #stream(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    const { method = '', url: target = '/' } = request;
    const [path, search] = split(target);
    const head = String(request.headers[STREAM_HEADER]);
    const headers = routeHeaders(request.headers);
    const caller = this.#verified(request, { ...streamHead({ method, path: target, headers }), header: head });
    if (!('identity' in caller)) throw new Refused(403, 'FORBIDDEN', 'This is for end callers.');
    const { routes = new Map() } = this.#serving().subgraph;
    cutWhenIdle(response, this.#limits.streamIdle);
    const answer = await askRoute(routes, method, {
      path,
      search: new URLSearchParams(search),
      headers,
      identity: caller.identity,
      requestId,
      body: unframed(bodyOf(request), this.#options.secret, head),
      signal: whileAnswered(response),
    });
    await sendStream(response, answer, { 'cache-control': 'no-store' });
    discardRest(request, response);
  }

  async #answerService(
    { method, name, search, caller, body }: ServiceQuestion,
    response: ServerResponse,
    served: Served,
  ): Promise<void> {
    if (name === 'log') {
      need(method, 'GET');
      return send(response, 200, 'application/x-ndjson', await this.#log(search, caller, response, served.log));
    }
    need(method, 'POST');
    sendJson(response, 200, await answerInternal(name, body, served.internal));
  }

  /** @throws Refused 401 */
  #verify(request: IncomingMessage, body: Buffer): Caller {
    const { method = '', url: path = '/', headers } = request;
    const header = headers[IDENTITY_HEADER];
    return this.#verified(request, { method, path, body, header: typeof header === 'string' ? header : undefined });
  }

  /** @throws Refused 401 */
  #verified(
    { method, url: path = '/' }: IncomingMessage,
    signed: Omit<Parameters<typeof verifyCaller>[1], 'now'>,
  ): Caller {
    const { secret, clock, logger } = this.#options;
    const verified = verifyCaller(secret, { ...signed, now: clock.now() });
    if ('caller' in verified) return verified.caller;
    // The path only: a query holds what a caller typed in.
    logger.warn(
      { method, path: split(path)[0], reason: verified.refused },
      'a request was refused: it is not signed well',
    );
    throw new Refused(401, 'UNSIGNED', 'The request carries no valid signature.');
  }

  #log(search: string, caller: string, response: ServerResponse, log: FollowedLog): Promise<string> {
    const { clock } = this.#options;
    const hold = async <T>(poll: (signal: AbortSignal) => Promise<T>): Promise<T> => {
      if (this.#waiting.size >= this.#limits.longPolls)
        throw new Refused(503, 'TOO_MANY_WAIT', 'Too many wait for news of this log; try again later.');
      const ended = new AbortController();
      response.once('close', () => ended.abort());
      if (this.#draining) ended.abort();
      this.#waiting.add(ended);
      try {
        return await poll(ended.signal);
      } finally {
        this.#waiting.delete(ended);
      }
    };
    return answerLog(search, log, { caller, clock, hold });
  }

  async #sendReady(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#draining) return sendJson(response, 503, { status: 'draining' });
    const reason = await this.#readiness.problem();
    if (reason === undefined) return sendJson(response, 200, { status: 'ok' });
    // Anybody may probe, and a fault's words tell of addresses and files: only who signs is told more than that the log says why.
    const signed = request.headers[IDENTITY_HEADER] !== undefined && this.#verify(request, EMPTY) !== undefined;
    sendJson(response, 503, { status: 'unavailable', reason: signed ? reason : 'the log says why' });
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { url = '/' } = request;
    this.#connections.delete(request.socket);
    const served = this.#served;
    if (served && !this.#draining && split(url)[0] === '/graphql') return served.sockets.upgrade(request, socket, head);
    // Without a listener the reset of an impatient client would end the process.
    socket.on('error', () => socket.destroy());
    const status = split(url)[0] === '/graphql' ? '503 Service Unavailable' : '404 Not Found';
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }

  #refuse(request: IncomingMessage, response: ServerResponse, requestId: string, error: unknown): void {
    if (response.headersSent) {
      // The answer was cut; whoever was told of it already knows no more.
      if (!response.destroyed) response.destroy();
      this.#options.logger.warn({ err: error, requestId }, 'an answer was cut');
      return;
    }
    if (request.headers[STREAM_HEADER] !== undefined) discardRest(request, response);
    // The rest of a body that is not read would be taken for the next request.
    else if (!request.complete) response.shouldKeepAlive = false;
    if (error instanceof Refused) return sendRefusal(response, error);
    this.#options.logger.error({ err: error, requestId }, 'unexpected error');
    const { message } = error instanceof Error ? error : new Error(String(error));
    sendRefusal(response, new Refused(500, 'INTERNAL_SERVER_ERROR', message));
  }
}

/** Path, and query with its question mark. */
function split(target: string): [string, string] {
  const mark = target.indexOf('?');
  return mark < 0 ? [target, ''] : [target.slice(0, mark), target.slice(mark)];
}

function need(method: string, wanted: string): void {
  if (method !== wanted) throw new Refused(405, 'METHOD_NOT_ALLOWED', `This is asked by ${wanted}.`);
}
