/** Streams of subgraphs in the gateway's own process: what it sees of a subgraph at work there, and cannot over a network. */
import { expect, test } from 'vitest';
import { GatewayWorld, until } from './world/gateway-world.js';
import { SocketClient } from './world/socket-client.js';

const joined = `subscription Watch($product: ID, $after: String) {
  priceChanged(product: $product, after: $after) { cursor product { id name rating reviews { author { name } } } }
}`;

async function listening(world: GatewayWorld, streams: number): Promise<void> {
  await until(() => world.shop.log.open === streams, `${streams} streams are open`);
}

test('a stream that does not open in time is refused, and closed should it open after all', async () => {
  await using world = await GatewayWorld.start({ limits: { subgraphTimeout: 20 } });
  let open: () => void = () => undefined;
  const opening = new Promise<void>((resolve) => (open = resolve));
  world.shop.beforeOpen = () => opening;
  const client = await SocketClient.open(world);
  client.subscribe('1', joined);
  await until(() => client.errors('1').length === 1, 'the refusal');
  expect(client.errors('1')[0]?.extensions).toEqual({ code: 'SUBGRAPH_TIMEOUT', serviceName: 'products' });
  open();
  await until(() => world.shop.log.opened === 1 && world.shop.log.open === 0, 'it opened and was closed');
});

test('a payload that does not come in time is an error of that event, and the next one comes', async () => {
  await using world = await GatewayWorld.start({ limits: { subgraphTimeout: 20 } });
  const client = await SocketClient.open(world);
  client.subscribe('1', joined);
  await listening(world, 1);
  world.shop.beforePayload = () => {
    world.shop.beforePayload = async () => undefined;
    return new Promise(() => undefined);
  };
  world.shop.log.append('1');
  world.shop.log.append('2');
  await until(() => client.data('1').length === 2, 'both events');
  expect(client.messages.find(({ type }) => type === 'next')?.payload).toMatchObject({
    data: null,
    errors: [{ extensions: { code: 'SUBGRAPH_TIMEOUT', serviceName: 'products' } }],
  });
  expect(client.data('1')[1]).toMatchObject({ priceChanged: { cursor: 'e1.2' } });
});

test('each event is executed with a context of its own, so that loaders remember nothing between events', async () => {
  await using world = await GatewayWorld.start();
  const client = await SocketClient.open(world);
  client.subscribe('1', 'subscription { priceChanged { change } }');
  await listening(world, 1);
  const before = world.shop.executions.products;
  world.shop.log.append('1');
  world.shop.log.append('1');
  await until(() => client.data('1').length === 2, 'both');
  expect(world.shop.executions.products).toBe(before + 2);
});

test('catching up goes no faster than the client reads', async () => {
  await using world = await GatewayWorld.start({ limits: { socketBacklog: 100_000 } });
  const { log } = world.shop;
  const bulk = 'x'.repeat(500_000);
  const events = 60;
  for (let event = 1; event <= events; event++) log.append('1', bulk);
  const client = await SocketClient.open(world);
  client.socket.pause();
  client.subscribe('1', 'subscription { priceChanged(after: "e1.0") { at: cursor change } }');
  await until(() => world.shop.executions.products > 5, 'it has begun');
  let before = -1;
  // Stands still once the buffers on the way are full, far before the end.
  while (before !== world.shop.executions.products) {
    before = world.shop.executions.products;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(before).toBeLessThan(events);
  client.socket.resume();
  await until(() => client.data('1').length === events, 'all of them', 20_000);
  const cursors = client.data('1').map((data) => (data['priceChanged'] as { at: string }).at);
  expect(cursors).toEqual(Array.from({ length: events }, (_, index) => log.cursor(index + 1)));
}, 30_000);
