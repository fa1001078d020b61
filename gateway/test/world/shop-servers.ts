/** The shop's subgraphs as servers of their own: stock Apollo Server and graphql-ws, which know nothing of the gateway in front of them. */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { ApolloServer, HeaderMap } from '@apollo/server';
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import { execute } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import type { SubscribePayload } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import type { RequestContext } from '@numberyard/kit/graph/subgraph';
import { verifyCaller } from '@numberyard/kit/service/signature';
import type { GatewayOptions } from '../../src/options.js';
import type { HttpSubgraph } from '../../src/subgraphs/http-source.js';
import type { InProcessSubgraph } from '../../src/subgraphs/in-process-source.js';
import { GatewayWorld } from './gateway-world.js';

export const signingSecret = 'a secret that the shop and its gateway share';

/** A request as it came in. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export class ShopServer {
  readonly subgraph: InProcessSubgraph;
  readonly requests: Seen[] = [];
  readonly subscribes: SubscribePayload[] = [];
  /** Connections that were made, of either kind. */
  connections = 0;
  upgrades = 0;
  port = 0;
  /** Answers instead of the subgraph; called with each GraphQL request. */
  instead: Handler | undefined;
  /** Answers what is not GraphQL. */
  elsewhere: Handler = (_request, response) => void response.writeHead(404).end();
  #http: Server | undefined;
  #sockets: WebSocketServer | undefined;
  readonly #open = new Set<Socket>();
  readonly #apollo: ApolloServer<object>;

  private constructor(subgraph: InProcessSubgraph) {
    this.subgraph = subgraph;
    this.#apollo = new ApolloServer({ schema: subgraph.schema, plugins: [ApolloServerPluginInlineTraceDisabled()] });
  }

  static async start(subgraph: InProcessSubgraph): Promise<ShopServer> {
    const server = new ShopServer(subgraph);
    await server.#apollo.start();
    await server.listen();
    return server;
  }

  /** For the gateway. */
  get address(): HttpSubgraph {
    return { name: this.subgraph.name, url: `http://127.0.0.1:${this.port}/graphql`, signingSecret };
  }

  /** Also again after `kill`, at the same port. */
  async listen(): Promise<void> {
    const http = createServer((request, response) => void this.#answer(request, response));
    http.on('connection', (socket) => {
      this.connections += 1;
      this.#open.add(socket);
      socket.on('close', () => this.#open.delete(socket));
    });
    const sockets = new WebSocketServer({ server: http, path: '/graphql' });
    sockets.on('connection', () => (this.upgrades += 1));
    this.#serve(sockets);
    this.#http = http;
    this.#sockets = sockets;
    await new Promise<void>((resolve, reject) => {
      http.on('error', reject);
      http.listen(this.port, '127.0.0.1', resolve);
    });
    this.port = (http.address() as AddressInfo).port;
  }

  /** As kill -9 would: nothing is said to anybody. */
  async kill(): Promise<void> {
    const closed = new Promise((resolve) => this.#http?.close(resolve));
    this.cutSockets();
    for (const socket of this.#open) socket.resetAndDestroy();
    this.#sockets?.close();
    await closed;
  }

  /** Take the sockets' connections away, and no others. */
  cutSockets(): void {
    for (const client of this.#sockets?.clients ?? []) client.terminate();
  }

  async stop(): Promise<void> {
    if (this.#http?.listening) await this.kill();
    await this.#apollo.stop();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request).catch(() => '');
    const { method = '', url: path = '', headers } = request;
    this.requests.push({ method, path, headers, body });
    if (!path.startsWith('/graphql')) return this.elsewhere(request, response, body);
    if (this.instead) return this.instead(request, response, body);
    const map = new HeaderMap();
    for (const [name, value] of Object.entries(headers)) map.set(name, String(value));
    const answer = await this.#apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method, headers: map, search: '', body: JSON.parse(body) as unknown },
      context: async () => {
        const header = String(headers['numberyard-identity']);
        return this.subgraph.context(
          callerOf({ method, path, body, header }, headers['x-request-id'] as string | undefined),
        );
      },
    });
    if (answer.body.kind !== 'complete') throw new Error('in parts');
    response.writeHead(answer.status ?? 200, Object.fromEntries(answer.headers));
    response.end(answer.body.string);
  }

  #serve(sockets: WebSocketServer): void {
    const { schema } = this.subgraph;
    const contextOf = (payload: SubscribePayload): object => {
      const { query, operationName = null, variables = {}, extensions } = payload;
      const body = JSON.stringify([query, operationName, variables]);
      const header = String(extensions?.['identity']);
      return this.subgraph.context(
        callerOf({ method: 'SUBSCRIBE', path: '/graphql', body, header }, String(extensions?.['requestId'])),
      );
    };
    useServer(
      {
        schema,
        context: (_socket, _id, payload) => {
          this.subscribes.push(payload);
          return { ...contextOf(payload), payload };
        },
        // A context per event, as loaders need it.
        execute: (args) => {
          const { payload } = args.contextValue as { payload: SubscribePayload };
          return execute({ ...args, contextValue: contextOf(payload) });
        },
      },
      sockets,
    );
  }
}

export interface ShopServers {
  readonly products: ShopServer;
  readonly reviews: ShopServer;
  readonly people: ShopServer;
}

/** A world whose gateway reaches its subgraphs at these servers, which end with it. */
export async function startOverHttp(
  options: Partial<GatewayOptions> = {},
): Promise<{ readonly world: GatewayWorld; readonly servers: ShopServers }> {
  let servers: ShopServers | undefined;
  const world = await GatewayWorld.start(options, async (subgraphs) => {
    const started = await Promise.all(subgraphs.map((subgraph) => ShopServer.start(subgraph)));
    const [products, reviews, people] = started;
    if (!products || !reviews || !people) throw new Error('The shop has three subgraphs.');
    servers = { products, reviews, people };
    return {
      subgraphs: started.map(({ address }) => address),
      stop: async () => void (await Promise.all(started.map((server) => server.stop()))),
    };
  });
  if (!servers) throw new Error('The world chose no transport.');
  return { world, servers };
}

function callerOf(
  signed: { method: string; path: string; body: string; header: string },
  requestId: string | undefined,
): RequestContext {
  const verified = verifyCaller(signingSecret, { ...signed, now: Date.now() });
  if (!('caller' in verified) || !('identity' in verified.caller)) throw new Error('The caller is not signed well.');
  return { identity: verified.caller.identity, requestId: requestId ?? '' };
}
