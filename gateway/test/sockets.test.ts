import { expect, test } from 'vitest';
import { GatewayWorld, identity, until } from './world/gateway-world.js';
import { SocketClient } from './world/socket-client.js';

const watch = 'subscription { priceChanged { change } }';

async function connected(world: GatewayWorld, protocol?: string): Promise<SocketClient> {
  const client = new SocketClient(world.gateway.url, protocol);
  await client.ready();
  return client;
}

test('another subprotocol is refused with 4406', async () => {
  await using world = await GatewayWorld.start();
  // A client of the older protocol; ws ends its side itself when the server names no protocol.
  const client = new SocketClient(world.gateway.url, 'graphql-ws');
  await until(() => client.socket.readyState >= 2, 'the socket is refused');
  expect(client.messages).toEqual([]);
});

test('a socket that does not introduce itself in time is closed with 4408', async () => {
  await using world = await GatewayWorld.start({ limits: { socketInitTimeout: 30 } });
  const client = await connected(world);
  expect((await client.closes()).code).toBe(4408);
});

test.each([
  ['a wrong key', { authorization: 'Bearer nobody' }],
  ['no key', {}],
  ['a key that is no string', { authorization: 7 }],
])('%s is refused with 4403', async (_, payload) => {
  await using world = await GatewayWorld.start();
  const client = await connected(world);
  client.say({ type: 'connection_init', payload });
  expect(await client.closes()).toEqual({ code: 4403, reason: 'Forbidden' });
});

test('an explorer that spells it Authorization is let in', async () => {
  await using world = await GatewayWorld.start();
  const client = await connected(world);
  client.say({ type: 'connection_init', payload: { Authorization: 'Bearer anna' } });
  await until(() => client.messages.length === 1, 'the acknowledgement');
  expect(client.messages).toEqual([{ type: 'connection_ack' }]);
});

test('a subscription before the acknowledgement is closed with 4401', async () => {
  await using world = await GatewayWorld.start();
  const client = await connected(world);
  client.subscribe('1', watch);
  expect((await client.closes()).code).toBe(4401);
});

test('a second introduction is closed with 4429', async () => {
  await using world = await GatewayWorld.start();
  const client = await SocketClient.open(world);
  client.say({ type: 'connection_init' });
  expect((await client.closes()).code).toBe(4429);
});

test('an id that is in use is closed with 4409', async () => {
  await using world = await GatewayWorld.start();
  const client = await SocketClient.open(world);
  client.subscribe('1', watch);
  client.subscribe('1', watch);
  expect(await client.closes()).toEqual({ code: 4409, reason: 'Subscriber for 1 already exists' });
  await until(() => world.shop.log.open === 0, 'its stream is closed');
});

test.each([
  ['text that is no JSON', '{'],
  ['JSON that is no message', '[]'],
  ['a type nobody knows', '{"type":"start"}'],
  ['a message only servers send', '{"id":"1","type":"next","payload":{}}'],
  ['a subscription without a query', '{"id":"1","type":"subscribe","payload":{}}'],
  ['a subscription without an id', '{"type":"subscribe","payload":{"query":"{ a }"}}'],
])('%s is closed with 4400', async (_, message) => {
  await using world = await GatewayWorld.start();
  const client = await SocketClient.open(world);
  client.say(message);
  expect((await client.closes()).code).toBe(4400);
});

test('a binary message is closed with 4400, one over the limit with 1009', async () => {
  await using world = await GatewayWorld.start({ limits: { bodySize: 1_000 } });
  const binary = await SocketClient.open(world);
  binary.socket.send(Buffer.from('{"type":"ping"}'), { binary: true });
  expect((await binary.closes()).code).toBe(4400);
  const large = await SocketClient.open(world);
  large.subscribe('1', `{ ${'a'.repeat(2_000)} }`);
  expect((await large.closes()).code).toBe(1009);
});

test('pings are answered with what they carried, pongs and completions of nothing are ignored', async () => {
  await using world = await GatewayWorld.start();
  const client = await SocketClient.open(world);
  client.say({ type: 'pong' });
  client.say({ id: 'never', type: 'complete' });
  client.say({ type: 'ping', payload: { at: 1 } });
  client.say({ type: 'ping' });
  await until(() => client.messages.length === 3, 'two pongs');
  expect(client.messages.slice(1)).toEqual([{ type: 'pong', payload: { at: 1 } }, { type: 'pong' }]);
});

test.each([
  ['a syntax error', 'subscription {', {}, 'GRAPHQL_PARSE_FAILED'],
  ['an unknown field', 'subscription { nothing }', {}, 'GRAPHQL_VALIDATION_FAILED'],
  ['two root fields', 'subscription { tick { at } priceChanged { change } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
  [
    '@include on the root',
    'subscription($on: Boolean!) { tick @include(if: $on) { at } }',
    { on: true },
    'GRAPHQL_VALIDATION_FAILED',
  ],
  ['@skip on the root', 'subscription($on: Boolean!) { tick @skip(if: $on) { at } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
  ['a missing variable', 'subscription($p: ID!) { priceChanged(product: $p) { change } }', {}, 'BAD_USER_INPUT'],
  [
    'a variable of the wrong type',
    'subscription($p: ID) { priceChanged(product: $p) { change } }',
    { p: {} },
    'BAD_USER_INPUT',
  ],
  ['a bad field in a query', '{ nothing }', {}, 'GRAPHQL_VALIDATION_FAILED'],
  [
    'an operation over a limit',
    'subscription { priceChanged { product { ...A } } } fragment A on Product { reviews { ...B } } fragment B on Review { author { id name } }',
    {},
    'GRAPHQL_VALIDATION_FAILED',
  ],
])('%s is an error of that operation and the socket lives on', async (_, query, variables, code) => {
  await using world = await GatewayWorld.start({ limits: { depth: 4 } });
  const client = await SocketClient.open(world);
  client.subscribe('1', query, variables);
  client.subscribe('2', '{ product(id: "1") { name } }');
  await until(() => client.messages.some(({ id, type }) => id === '2' && type === 'complete'), 'the other operation');
  await until(() => client.errors('1').length > 0, 'the error');
  expect(client.errors('1')[0]?.extensions['code']).toBe(code);
  expect(client.messages.filter(({ id }) => id === '1')).toHaveLength(1);
  expect(client.closed).toBeUndefined();
});

test('an operation name nobody defined is an error of that operation', async () => {
  await using world = await GatewayWorld.start();
  const client = await SocketClient.open(world);
  client.subscribe('1', 'subscription A { tick { at } } subscription B { tick { at } }', {}, 'C');
  await until(() => client.errors('1').length > 0, 'the error');
  expect(client.closed).toBeUndefined();
});

test('an id is free again once its operation completed', async () => {
  await using world = await GatewayWorld.start();
  const client = await SocketClient.open(world);
  for (let round = 1; round <= 3; round++) {
    client.subscribe('1', '{ product(id: "1") { name } }');
    await until(() => client.messages.filter(({ type }) => type === 'complete').length === round, `round ${round}`);
  }
  expect(client.data('1')).toHaveLength(3);
});

test('a query completed by its client is not answered any more', async () => {
  await using world = await GatewayWorld.start();
  const client = await SocketClient.open(world);
  let answer: (value: string) => void = () => undefined;
  world.shop.slowAnswer = new Promise((resolve) => (answer = resolve));
  client.subscribe('1', '{ slow }');
  await until(() => world.shop.executions.products === 1, 'it runs');
  client.say({ id: '1', type: 'complete' });
  client.subscribe('1', '{ product(id: "1") { name } }');
  await until(() => client.data('1').length === 1, 'the second operation of that id');
  answer('late');
  client.say({ type: 'ping' });
  await until(() => client.messages.some(({ type }) => type === 'pong'), 'the pong');
  expect(client.data('1')).toEqual([{ product: { name: 'Product 1' } }]);
});

test('one socket holds only so many operations', async () => {
  await using world = await GatewayWorld.start({ limits: { operationsPerSocket: 2 } });
  const client = await SocketClient.open(world);
  for (const id of ['1', '2', '3']) client.subscribe(id, watch);
  await until(() => client.errors('3').length === 1, 'the third is refused');
  expect(client.errors('3')[0]?.extensions['code']).toBe('TOO_MANY_OPERATIONS');
  expect(client.closed).toBeUndefined();
});

test('a gateway holds only so many sockets', async () => {
  await using world = await GatewayWorld.start({ limits: { sockets: 1 } });
  await SocketClient.open(world);
  const second = await connected(world);
  expect((await second.closes()).code).toBe(1013);
});

test('a socket that answers no pings is cut and its streams are closed', async () => {
  await using world = await GatewayWorld.start({ limits: { socketPingInterval: 40 } });
  const client = await SocketClient.open(world);
  client.subscribe('1', watch);
  await until(() => world.shop.log.open === 1, 'the stream is open');
  client.socket.pause();
  await until(() => world.shop.log.open === 0, 'the stream is closed');
});

test('a revoked key ends its streams with an error and its socket with 4403; others go on', async () => {
  await using world = await GatewayWorld.start({ limits: { keyAge: 30 } });
  const anna = await SocketClient.open(world, 'anna');
  const bert = await SocketClient.open(world, 'bert');
  anna.subscribe('1', watch);
  bert.subscribe('1', watch);
  await until(() => world.shop.log.open === 1, 'both are on one stream');
  world.keys.delete('Bearer anna');
  expect(await anna.closes()).toEqual({ code: 4403, reason: 'Forbidden' });
  expect(anna.errors('1')).toEqual([
    { message: 'The key is revoked or expired.', extensions: { code: 'UNAUTHENTICATED' } },
  ]);
  world.shop.log.append('1');
  await until(() => bert.data('1').length === 1, 'the other one hears on');
});

test('a key whose rights changed has to connect again', async () => {
  await using world = await GatewayWorld.start({ limits: { keyAge: 30 } });
  const anna = await SocketClient.open(world, 'anna');
  anna.subscribe('1', watch);
  await until(() => world.shop.log.open === 1, 'the stream is open');
  world.keys.set('Bearer anna', identity('anna', 'root.below'));
  expect((await anna.closes()).code).toBe(4403);
  expect(anna.errors('1')[0]?.message).toBe('The rights of the key changed.');
  await until(() => world.shop.log.open === 0, 'its stream is closed');
});
