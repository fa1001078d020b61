import { request } from 'node:http';
import { expect, test } from 'vitest';
import { startGateway } from '../src/gateway.js';
import { GatewayWorld, until } from './world/gateway-world.js';
import { SocketClient } from './world/socket-client.js';

test('operations under way are finished, sockets are sent elsewhere, nothing new is taken', async () => {
  const world = await GatewayWorld.start();
  let answer: (value: string) => void = () => undefined;
  world.shop.slowAnswer = new Promise((resolve) => (answer = resolve));
  const client = await SocketClient.open(world);
  client.subscribe('stream', 'subscription { priceChanged { change } }');
  client.subscribe('query', '{ slow }');
  const overHttp = world.ask('{ slow }');
  await until(() => world.shop.executions.products === 3, 'all three are under way');

  const drained = world.gateway.drain();
  await expect(fetch(`${world.gateway.url}/health/live`)).rejects.toThrow();
  expect(client.closed).toBeUndefined();
  answer('done');
  const { data, headers } = await overHttp;
  expect([data, headers.get('connection')]).toEqual([{ slow: 'done' }, 'close']);
  const { code, reason } = await client.closes();
  expect([code, reason]).toEqual([1001, 'The server is stopping; connect again with your last cursor']);
  expect(client.data('query')).toEqual([{ slow: 'done' }]);
  // A completion would tell the client that there is nothing more to come.
  expect(client.messages.filter(({ id }) => id === 'stream')).toEqual([]);
  await drained;
  expect(world.shop.log.open).toBe(0);
  await world.gateway.drain();
});

test('readiness is red for those who still hold a connection', async () => {
  const world = await GatewayWorld.start();
  let answer: (value: string) => void = () => undefined;
  world.shop.slowAnswer = new Promise((resolve) => (answer = resolve));
  const busy = world.ask('{ slow }');
  await until(() => world.shop.executions.products === 1, 'it is under way');
  // Sent in two parts, so that the connection is not idle when the drain begins.
  const status = new Promise<number | undefined>((resolve, reject) => {
    const probe = request(`${world.gateway.url}/health/ready`, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    probe.on('error', reject);
    probe.on('socket', (socket) =>
      socket.once('connect', () => {
        socket.write('GET /health/ready HTTP/1.1\r\n');
        setImmediate(() => {
          void world.gateway.drain();
          socket.write('Host: x\r\n\r\n');
        });
      }),
    );
  });
  expect(await status).toBe(503);
  answer('done');
  await busy;
  await world.gateway.drain();
});

test('an operation that does not end holds the drain up to its deadline only', async () => {
  const world = await GatewayWorld.start({ limits: { drainTimeout: 50 } });
  world.shop.slowAnswer = new Promise(() => undefined);
  const client = await SocketClient.open(world);
  client.subscribe('query', '{ slow }');
  const overHttp = world.ask('{ slow }').catch((error: unknown) => error);
  await until(() => world.shop.executions.products === 2, 'both are under way');
  await world.gateway.drain();
  expect(await overHttp).toBeInstanceOf(Error);
  expect((await client.closes()).code).toBeGreaterThan(1000);
});

test('a port that is taken is said at the start', async () => {
  await using world = await GatewayWorld.start();
  await expect(
    startGateway({
      supergraphSdl: world.shop.supergraphSdl,
      subgraphs: world.shop.subgraphs,
      authenticate: async () => undefined,
      readiness: async () => ({}),
      logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
      port: world.gateway.port,
      production: true,
    }),
  ).rejects.toThrow('EADDRINUSE');
});
