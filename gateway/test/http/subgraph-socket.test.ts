/** The socket to a subgraph that ends it. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { StreamInterrupted } from '../../src/subgraphs/failures.js';
import { SubgraphSocket } from '../../src/subgraphs/subgraph-socket.js';
import { until } from '../world/gateway-world.js';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const sink = {
  next: () => undefined,
  failed: () => undefined,
  completed: () => undefined,
  interrupted: () => undefined,
};

test('a socket that is closing is not waited for: the next operation opens another one', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  let connections = 0;
  server.on('connection', (client, request) => {
    connections += 1;
    client.on('message', (message) => {
      if (String(message).includes('connection_init')) return client.send('{"type":"connection_ack"}');
      if (connections > 1) return;
      client.close(1001, 'stopping');
      // What the other side says to that is never read, so the connection itself stays.
      request.socket.pause();
    });
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `ws://127.0.0.1:${port}/graphql`;
  const socket = new SubgraphSocket({
    name: 'products',
    url,
    messageSize: 1_000,
    timeout: 2_000,
    pingInterval: 60_000,
    logger: silent,
  });
  const subscribe = () => socket.subscribe(() => ({ query: 'subscription { tick }' }), sink);
  await subscribe();
  await until(async () => {
    await subscribe().catch((error: unknown) => expect(error).toBeInstanceOf(StreamInterrupted));
    return connections === 2;
  }, 'there is another one');
  for (const client of server.clients) client.terminate();
  await socket.close();
  await new Promise((resolve) => server.close(resolve));
});
