/** Streams from subgraphs in other processes, when the way to these breaks. */
import { expect, test } from 'vitest';
import { SUBSCRIBE, subscribeBody, verifyCaller } from '@numberyard/kit/service/signature';
import { until } from '../world/gateway-world.js';
import type { GatewayWorld } from '../world/gateway-world.js';
import { signingSecret, startOverHttp } from '../world/shop-servers.js';
import type { ShopServer } from '../world/shop-servers.js';
import { SocketClient } from '../world/socket-client.js';

const watch =
  'subscription Watch($after: String) { priceChanged(after: $after) { at: cursor product { name rating } } }';

function positions(client: SocketClient, id: string): number[] {
  return client.data(id).map((data) => Number((data['priceChanged'] as { at: string }).at.split('.')[1]));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

async function listening(world: GatewayWorld, streams: number): Promise<void> {
  await until(() => world.shop.log.open === streams, `${streams} streams are open`);
}

/** The state of the log, as a subgraph of ours tells it to services. */
function tellHead(server: ShopServer, world: GatewayWorld): void {
  server.elsewhere = (request, response) => {
    const header = String(request.headers['numberyard-identity']);
    const signed = { method: 'GET', path: String(request.url), body: '', header, now: Date.now() };
    const { log } = world.shop;
    const service = 'caller' in verifyCaller(signingSecret, signed) && request.url === '/internal/log?limit=0';
    const state = { epoch: log.epoch, head: log.events.length, floors: { history: 0, passing: 0 } };
    response.writeHead(service ? 200 : 401).end(`${JSON.stringify({ upTo: 0, state })}\n`);
  };
}

test('all streams of a subgraph share one socket, each signed for its own caller', async () => {
  const { world, servers } = await startOverHttp();
  await using _ = world;
  const anna = await SocketClient.open(world, 'anna');
  const carl = await SocketClient.open(world, 'carl');
  anna.subscribe('1', watch);
  anna.subscribe('2', 'subscription { tick { at } }');
  carl.subscribe('1', watch);
  await listening(world, 3);
  expect(servers.products.upgrades).toBe(1);
  const callers = servers.products.subscribes.map((payload) => {
    const header = String(payload.extensions?.['identity']);
    const signed = { method: SUBSCRIBE, path: '/graphql', body: subscribeBody(payload), header, now: Date.now() };
    const verified = verifyCaller(signingSecret, signed);
    return 'caller' in verified && 'identity' in verified.caller ? verified.caller.identity.label : verified;
  });
  expect(callers.sort()).toEqual(['anna', 'anna', 'carl']);
  expect(servers.products.subscribes.every(({ extensions }) => extensions?.['requestId'])).toBe(true);
});

test('a subgraph that is killed and comes back is a pause: no event is missed, none comes twice', async () => {
  const { world, servers } = await startOverHttp();
  await using _ = world;
  const { log } = world.shop;
  const client = await SocketClient.open(world);
  client.subscribe('live', watch);
  await listening(world, 1);
  log.append('1');
  await until(() => client.data('live').length === 1, 'the first event');
  client.subscribe('resumed', watch, { after: log.cursor(0) });
  await until(() => client.data('resumed').length === 1, 'the same for who resumes');
  for (let round = 0; round < 4; round++) {
    await servers.products.kill();
    for (let event = 0; event < 3; event++) log.append('1');
    await servers.products.listen();
    log.append('1');
    await until(() => client.data('live').length === log.events.length, 'everything that happened meanwhile');
  }
  await until(() => client.data('resumed').length === log.events.length, 'the same for who resumed');
  expect(positions(client, 'live')).toEqual(range(1, log.events.length));
  expect(positions(client, 'resumed')).toEqual(range(1, log.events.length));
  expect(client.errors('live')).toEqual([]);
});

test('a stream that has brought nothing yet goes on where it began, when the subgraph tells where its log stands', async () => {
  const { world, servers } = await startOverHttp();
  await using _ = world;
  tellHead(servers.products, world);
  const { log } = world.shop;
  for (let event = 0; event < 5; event++) log.append('1');
  const client = await SocketClient.open(world);
  client.subscribe('1', 'subscription { priceChanged { change at: cursor } }');
  await listening(world, 1);
  await servers.products.kill();
  log.append('1');
  log.append('1');
  await servers.products.listen();
  await until(() => client.data('1').length === 2, 'what happened meanwhile');
  expect(positions(client, '1')).toEqual([6, 7]);
});

test('a stream that cannot be gone on from is ended with an error that says so', async () => {
  const { world, servers } = await startOverHttp();
  await using _ = world;
  const client = await SocketClient.open(world);
  client.subscribe('ticks', 'subscription { tick { at } }');
  await listening(world, 1);
  world.shop.log.append('1');
  await until(() => client.data('ticks').length === 1, 'a tick');
  client.subscribe('nothing yet', watch);
  await listening(world, 2);
  servers.products.cutSockets();
  for (const id of ['ticks', 'nothing yet']) {
    await until(() => client.errors(id).length === 1, `the end of ${id}`);
    expect(client.errors(id)).toMatchObject([{ extensions: { code: 'STREAM_INTERRUPTED', serviceName: 'products' } }]);
  }
  client.subscribe('ticks', 'subscription { tick { at } }');
  await listening(world, 1);
});

test('a subgraph that stays away ends its streams, with the cursor to go on from', async () => {
  const { world, servers } = await startOverHttp({ limits: { streamPatience: 200 } });
  await using _ = world;
  const client = await SocketClient.open(world);
  client.subscribe('1', watch);
  await listening(world, 1);
  world.shop.log.append('1');
  await until(() => client.data('1').length === 1, 'the event');
  await servers.products.kill();
  await until(() => client.errors('1').length === 1, 'the end', 20_000);
  expect(client.errors('1')[0]?.extensions).toEqual({
    code: 'STREAM_INTERRUPTED',
    cursor: 'e1.1',
    serviceName: 'products',
  });
  await servers.products.listen();
  world.shop.log.append('1');
  client.subscribe('2', watch, { after: 'e1.1' });
  await until(() => client.data('2').length === 1, 'what it missed');
  expect(positions(client, '2')).toEqual([2]);
});

test('a subgraph that refuses to go on ends the stream with its own code', async () => {
  const { world, servers } = await startOverHttp();
  await using _ = world;
  const client = await SocketClient.open(world);
  client.subscribe('1', watch);
  await listening(world, 1);
  world.shop.log.append('1');
  await until(() => client.data('1').length === 1, 'the event');
  world.shop.log.epoch = 'e2';
  servers.products.cutSockets();
  await until(() => client.errors('1').length === 1, 'the refusal');
  expect(client.errors('1')[0]?.extensions['code']).toBe('CURSOR_FOREIGN_EPOCH');
});

test('no subscription is refused because a subgraph was away for a moment', async () => {
  const { world, servers } = await startOverHttp();
  await using _ = world;
  const client = await SocketClient.open(world);
  await servers.products.kill();
  client.subscribe('1', watch);
  await servers.products.listen();
  await listening(world, 1);
  expect(client.errors('1')).toEqual([]);
});

test('of a subgraph that is away a subscription is told, not left waiting', async () => {
  const { world, servers } = await startOverHttp();
  await using _ = world;
  const client = await SocketClient.open(world);
  await servers.products.kill();
  client.subscribe('1', watch);
  await until(() => client.errors('1').length === 1, 'the refusal');
  expect(client.errors('1')).toMatchObject([
    { message: 'products cannot be reached.', extensions: { code: 'SUBGRAPH_UNAVAILABLE', serviceName: 'products' } },
  ]);
});

test('more events at once than the gateway holds are all brought, in order', async () => {
  const { world } = await startOverHttp();
  await using _ = world;
  const { log } = world.shop;
  const client = await SocketClient.open(world);
  client.subscribe('1', 'subscription { priceChanged { at: cursor } }');
  await listening(world, 1);
  const burst = 2_500;
  for (let event = 0; event < burst; event++) log.append('1');
  await until(() => client.data('1').length >= burst, 'all of them', 20_000);
  expect(positions(client, '1')).toEqual(range(1, burst));
});

test('who resumes far behind and reads slowly gets everything, in order, and holds up nobody', async () => {
  const { world } = await startOverHttp({ limits: { socketBacklog: 100_000 } });
  await using _ = world;
  const { log } = world.shop;
  const events = 40;
  for (let event = 1; event <= events; event++) log.append('1', 'x'.repeat(500_000));
  const slow = await SocketClient.open(world);
  const quick = await SocketClient.open(world);
  slow.socket.pause();
  slow.subscribe('1', 'subscription { priceChanged(after: "e1.0") { at: cursor change } }');
  quick.subscribe('1', 'subscription { priceChanged(product: "2") { at: cursor } }');
  await until(() => log.opened >= 2, 'both are open');
  log.append('2');
  await until(() => quick.data('1').length === 1, 'the quick one has its event', 20_000);
  expect(slow.data('1').length).toBeLessThan(events);
  slow.socket.resume();
  await until(() => slow.data('1').length === events + 1, 'all of them', 20_000);
  expect(positions(slow, '1')).toEqual(range(1, events + 1));
});

test('a client that leaves takes its stream at the subgraph with it', async () => {
  const { world } = await startOverHttp();
  await using _ = world;
  const client = await SocketClient.open(world);
  client.subscribe('1', watch);
  await listening(world, 1);
  client.say({ id: '1', type: 'complete' });
  await listening(world, 0);
});
