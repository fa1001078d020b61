/** Sockets of clients that mean harm, or are badly broken. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { applyBackpressure } from '../src/subscriptions/backpressure.js';
import { GatewayWorld, until } from './world/gateway-world.js';
import { SocketClient } from './world/socket-client.js';

const watch = 'subscription { priceChanged { change } }';

test('a message nested too deeply to be answered costs its sender the socket and nobody else anything', async () => {
  await using world = await GatewayWorld.start();
  const other = await SocketClient.open(world);
  const client = new SocketClient(world.gateway.url);
  await client.ready();
  const levels = 100_000;
  client.say(`{"type":"ping","payload":{"a":${'['.repeat(levels)}${']'.repeat(levels)}}}`);
  expect((await client.closes()).code).toBe(1011);
  other.say({ type: 'ping' });
  await until(() => other.messages.length === 2, 'the other client is answered');
});

test('variables nested too deeply are refused, and the socket stays', async () => {
  await using world = await GatewayWorld.start();
  const client = await SocketClient.open(world);
  const levels = 100_000;
  const deep = `${'['.repeat(levels)}${']'.repeat(levels)}`;
  const query = JSON.stringify('subscription ($product: ID) { priceChanged(product: $product) { change } }');
  client.say(`{"id":"1","type":"subscribe","payload":{"query":${query},"variables":{"product":${deep}}}}`);
  await until(() => client.errors('1').length === 1, 'the refusal');
  expect(client.closed).toBeUndefined();
});

test('an operation id too long to be repeated with every event is refused with 4400', async () => {
  await using world = await GatewayWorld.start();
  const client = await SocketClient.open(world);
  client.subscribe('x'.repeat(129), watch);
  expect((await client.closes()).code).toBe(4400);
});

test('a client that talks and does not listen is not listened to, until it has listened', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const [size, messages] = [1_000_000, 40];
  try {
    const connected = once(server, 'connection');
    const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const [socket] = (await connected) as [WebSocket];
    socket.on('message', (data) => socket.send(data));
    applyBackpressure(socket, size);
    if (client.readyState !== WebSocket.OPEN) await once(client, 'open');
    let answers = 0;
    client.on('message', () => (answers += 1));
    client.pause();
    for (let sent = 0; sent < messages; sent += 1) client.send(Buffer.alloc(size));
    await until(() => socket.isPaused, 'the server stops reading');
    expect(socket.bufferedAmount).toBeLessThan(4 * size);
    client.resume();
    await until(() => answers === messages, 'all is answered');
    await until(() => !socket.isPaused, 'the server reads again');
    client.terminate();
  } finally {
    for (const socket of server.clients) socket.terminate();
    await new Promise((resolve) => server.close(resolve));
  }
});
