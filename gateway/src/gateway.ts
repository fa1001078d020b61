/** Starts the gateway: one port for queries, mutations, subscriptions, the explorer and health. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { ErrorMask } from './errors.js';
import { explorer } from './http/explorer.js';
import { graphqlHandler } from './http/graphql-handler.js';
import { withoutReasons } from './http/health.js';
import { graphqlPath, httpServer } from './http/server.js';
import { KeyVerifier } from './identity/key-verifier.js';
import { KeyWatch } from './identity/key-watch.js';
import { startApollo } from './operations/apollo.js';
import { limitsRule } from './operations/limits-rule.js';
import { defaultLimits } from './options.js';
import type { GatewayOptions } from './options.js';
import { HttpRoutes } from './routes/http-routes.js';
import { InProcessRoutes } from './routes/in-process-routes.js';
import { RouteHandlers } from './routes/route-handler.js';
import type { RouteSource } from './routes/route-source.js';
import { dataSourceFor } from './subgraphs/data-source.js';
import { HttpSource } from './subgraphs/http-source.js';
import { InProcessSource } from './subgraphs/in-process-source.js';
import type { SubgraphSource } from './subgraphs/source.js';
import { SubscriptionPlanner } from './subscriptions/plan.js';
import { SocketOperations } from './subscriptions/socket-operations.js';
import { SocketServer } from './subscriptions/socket-server.js';
import { Streams } from './subscriptions/streams.js';
import { UpstreamOpener } from './subscriptions/upstream.js';

export interface RunningGateway {
  /** Of the server's root, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /**
   * Turn unready, take nothing new, let operations under way finish, send the sockets elsewhere, free the port. The subgraphs are the caller's
   * to drain, afterwards. A second call waits for the first.
   */
  drain(): Promise<void>;
}

/** @throws Error when the supergraph cannot be loaded, a subgraph is missing or the port is taken */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const limits = { ...defaultLimits, ...options.limits };
  const { logger } = options;
  const host = options.host ?? '127.0.0.1';
  const mask = new ErrorMask({ production: options.production, logger });
  const sources = new Map<string, SubgraphSource>(
    options.subgraphs.map((subgraph) => [
      subgraph.name,
      'url' in subgraph
        ? new HttpSource({ subgraph, mask, logger, limits })
        : new InProcessSource(subgraph, mask, limits.subgraphTimeout),
    ]),
  );
  const prefixes = options.routes ?? [];
  for (const { prefix, subgraph } of prefixes)
    if (!sources.has(subgraph)) throw new Error(`${prefix} is passed on to ${subgraph}, which is no subgraph.`);
  const routeSources = new Map<string, RouteSource>(
    options.subgraphs.map((subgraph) => [
      subgraph.name,
      'url' in subgraph
        ? new HttpRoutes({ subgraph, connections: limits.routeStreams, logger })
        : new InProcessRoutes(subgraph.routes),
    ]),
  );
  const closeSources = () =>
    Promise.all([...sources.values(), ...routeSources.values()].map((source) => source.close()));
  const dataSources = new Map([...sources].map(([name, source]) => [name, dataSourceFor(source)]));
  const server = await startApollo({ supergraphSdl: options.supergraphSdl, dataSources, mask, logger, limits });

  const planner = new SubscriptionPlanner(options.supergraphSdl, [limitsRule(limits)]);
  const opener = new UpstreamOpener({
    planner,
    sources,
    dataSources,
    mask,
    logger,
    streamPatience: limits.streamPatience,
  });
  const streams = new Streams(opener, limits.catchUpBuffer);
  const operations = new SocketOperations({ planner, streams, server, mask, tokens: limits.tokens });
  const keys = new KeyVerifier(options.authenticate, limits.keyAge);
  const watch = new KeyWatch(keys, limits.keyAge, logger);
  const sockets = new SocketServer({ operations, keys, watch, mask, logger, limits });

  const handlers = new RouteHandlers({ prefixes, sources: routeSources, keys, watch, mask, logger, limits });

  let draining: Promise<void> | undefined;
  const { server: http, endKeepAlive } = httpServer({
    graphql: graphqlHandler({ server, keys, mask, bodySize: limits.bodySize }),
    passedOn: (path) => handlers.at(path),
    explorer: explorer(options.explorer ?? {}, graphqlPath),
    readiness: options.production ? withoutReasons(options.readiness, logger) : options.readiness,
    draining: () => draining !== undefined,
    allowedOrigins: options.allowedOrigins ?? [],
    limits,
    mask,
    logger,
  });
  http.on('upgrade', (request, socket, head) => {
    if (request.url?.split('?', 1)[0] === graphqlPath) return sockets.upgrade(request, socket, head);
    // Without a listener the reset of an impatient client would end the process.
    socket.on('error', () => socket.destroy());
    socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });

  async function drain(): Promise<void> {
    const deadline = performance.now() + limits.drainTimeout;
    const closed = once(http, 'close');
    http.close();
    endKeepAlive();
    http.closeIdleConnections();
    const cut = setTimeout(() => http.closeAllConnections(), limits.drainTimeout);
    watch.stop();
    await sockets.drain(deadline);
    await closed;
    clearTimeout(cut);
    await server.stop();
    await closeSources();
    logger.info({}, 'gateway stopped');
  }

  try {
    http.listen(options.port, host);
    await once(http, 'listening');
  } catch (error) {
    watch.stop();
    await sockets.drain(performance.now());
    await server.stop();
    await closeSources();
    throw error;
  }
  const { port } = http.address() as AddressInfo;
  logger.info({ host, port }, 'gateway started');
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    drain: () => (draining ??= drain()),
  };
}
