import { GraphQLError } from 'graphql';
import { createClient } from 'graphql-ws';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { GatewayWorld, until } from './world/gateway-world.js';
import { SocketClient } from './world/socket-client.js';

const joined = `subscription Watch($product: ID, $after: String) {
  priceChanged(product: $product, after: $after) { cursor product { id name rating reviews { author { name } } } }
}`;

/** Open upstreams are how a test knows that a stream listens. */
async function listening(world: GatewayWorld, streams: number): Promise<void> {
  await until(() => world.shop.log.open === streams, `${streams} streams are open`);
}

test('each event is joined with the other subgraphs', async () => {
  await using world = await GatewayWorld.start();
  const client = await SocketClient.open(world);
  client.subscribe('1', joined);
  await listening(world, 1);
  world.shop.log.append('7');
  await until(() => client.data('1').length === 1, 'the event arrives');
  expect(client.data('1')).toEqual([
    {
      priceChanged: {
        cursor: 'e1.1',
        product: { id: '7', name: 'Product 7', rating: 3, reviews: [{ author: { name: 'Person p7' } }] },
      },
    },
  ]);
});

test('aliases, fragments, directives and variables work at the root and below', async () => {
  await using world = await GatewayWorld.start();
  const client = await SocketClient.open(world);
  client.subscribe(
    '1',
    `subscription Other { tick { at } }
     subscription Watch($only: ID = "2", $rated: Boolean!) { ...Root }
     fragment Root on Subscription { news: priceChanged(product: $only) { __typename where: cursor it: product { ...Item } } }
     fragment Item on Product { label: name score: rating @include(if: $rated) }`,
    { rated: true },
    'Watch',
  );
  client.subscribe('2', joined.replace('reviews', 'again: reviews'), { product: '2' });
  await listening(world, 2);
  world.shop.log.append('1');
  world.shop.log.append('2');
  await until(() => client.data('1').length === 1 && client.data('2').length === 1, 'one event each');
  expect(client.data('1')).toEqual([
    { news: { __typename: 'PriceChanged', where: 'e1.2', it: { label: 'Product 2', score: 3 } } },
  ]);
  expect(client.data('2')[0]).toMatchObject({
    priceChanged: { product: { again: [{ author: { name: 'Person p2' } }] } },
  });
});

test('the cursor the gateway selects for itself is never seen by a client that did not ask for one', async () => {
  await using world = await GatewayWorld.start();
  const client = await SocketClient.open(world);
  client.subscribe('1', 'subscription { priceChanged { change } }');
  await listening(world, 1);
  world.shop.log.append('1');
  await until(() => client.data('1').length === 1, 'the event arrives');
  expect(client.data('1')).toEqual([{ priceChanged: { change: 'SET' } }]);
});

test('identical streams share one upstream, one execution and one order, also across sockets and keys of equal rights', async () => {
  await using world = await GatewayWorld.start();
  const anna = await SocketClient.open(world, 'anna');
  const bert = await SocketClient.open(world, 'bert');
  anna.subscribe('1', joined, { product: null, after: null });
  anna.subscribe('2', joined, { product: null });
  bert.subscribe('x', joined, { product: null, after: null, unknown: 1 });
  await listening(world, 1);
  const before = { ...world.shop.executions };
  world.shop.log.append('1');
  world.shop.log.append('2');
  await until(() => anna.data('1').length + anna.data('2').length + bert.data('x').length === 6, 'all have both');
  expect(world.shop.log.opened).toBe(1);
  expect(world.shop.executions).toMatchObject({ reviews: before.reviews + 2, people: before.people + 2 });
  expect(anna.data('1')).toEqual(anna.data('2'));
  expect(bert.data('x')).toEqual(anna.data('1'));
});

test('streams that differ in text, variables or rights share nothing', async () => {
  await using world = await GatewayWorld.start();
  const anna = await SocketClient.open(world, 'anna');
  const carl = await SocketClient.open(world, 'carl');
  anna.subscribe('1', 'subscription { priceChanged { caller } }');
  anna.subscribe('2', 'subscription { priceChanged(product: "1") { caller } }');
  anna.subscribe('3', joined, { product: '1' });
  anna.subscribe('4', joined, { product: '2' });
  carl.subscribe('1', 'subscription { priceChanged { caller } }');
  await listening(world, 5);
  world.shop.log.append('1');
  await until(() => carl.data('1').length === 1 && anna.data('1').length === 1, 'both hear of it');
  expect(anna.data('1')).toEqual([{ priceChanged: { caller: 'anna' } }]);
  expect(carl.data('1')).toEqual([{ priceChanged: { caller: 'carl' } }]);
});

test('the last one to leave closes the upstream, also while it waits for an event, and a newcomer opens another', async () => {
  await using world = await GatewayWorld.start();
  const one = await SocketClient.open(world);
  const two = await SocketClient.open(world);
  one.subscribe('1', joined);
  two.subscribe('1', joined);
  await listening(world, 1);
  one.say({ id: '1', type: 'complete' });
  two.socket.terminate();
  await listening(world, 0);
  one.subscribe('1', joined);
  await listening(world, 1);
  expect(world.shop.log.opened).toBe(2);
});

test('an upstream that ends completes its streams; one that breaks fails them without telling why', async () => {
  await using world = await GatewayWorld.start();
  const client = await SocketClient.open(world);
  client.subscribe('1', joined);
  await listening(world, 1);
  world.shop.log.append('1', 'END');
  await until(() => client.messages.some(({ id, type }) => id === '1' && type === 'complete'), 'completion');
  client.subscribe('1', joined);
  await until(() => world.shop.log.opened === 2, 'a second stream');
  world.shop.log.append('1', 'BREAK');
  await until(() => client.errors('1').length === 1, 'the failure');
  const [error] = client.errors('1');
  expect(error?.message).toMatch(/^Something went wrong; see the log under request id /);
  expect(error?.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', serviceName: 'products' });
  expect(world.log.filter(({ level }) => level === 'error')).toHaveLength(1);
});

test('a stream whose subgraph cannot reach its database for a moment goes on where it was', async () => {
  await using world = await GatewayWorld.start();
  const { log } = world.shop;
  const client = await SocketClient.open(world);
  client.subscribe('1', joined);
  await listening(world, 1);
  log.append('1');
  await until(() => client.data('1').length === 1, 'the first event');
  log.breakWith(new GraphQLError('products is away.', { extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }));
  log.append('2');
  await until(() => client.data('1').length === 2, 'the second event');
  const cursors = client.data('1').map((data) => (data['priceChanged'] as { cursor: string }).cursor);
  expect(cursors).toEqual(['e1.1', 'e1.2']);
  expect(client.errors('1')).toEqual([]);
});

test('an event that could not be read comes once it can', async () => {
  await using world = await GatewayWorld.start();
  const { log } = world.shop;
  const client = await SocketClient.open(world);
  client.subscribe('1', joined);
  await listening(world, 1);
  log.append('1');
  await until(() => client.data('1').length === 1, 'the first event');
  let failures = 2;
  world.shop.beforePayload = async () => {
    if (failures-- > 0) throw new GraphQLError('products is away.', { extensions: { code: 'SUBGRAPH_UNAVAILABLE' } });
  };
  log.append('2');
  log.append('3');
  await until(() => client.data('1').length === 3, 'the others');
  const results = client.messages.filter(({ type }) => type === 'next').map(({ payload }) => payload);
  expect(results).toMatchObject(['e1.1', 'e1.2', 'e1.3'].map((cursor) => ({ data: { priceChanged: { cursor } } })));
  expect(JSON.stringify(results)).not.toContain('errors');
  await listening(world, 1);
});

test('where it cannot be gone on from, that is what its clients are told', async () => {
  await using world = await GatewayWorld.start();
  const client = await SocketClient.open(world);
  client.subscribe('1', 'subscription { tick { at } }');
  await listening(world, 1);
  world.shop.log.breakWith(new GraphQLError('products is away.', { extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }));
  await until(() => client.errors('1').length === 1, 'the failure');
  expect(client.errors('1')).toMatchObject([
    { message: 'products is away.', extensions: { code: 'SUBGRAPH_UNAVAILABLE', serviceName: 'products' } },
  ]);
});

test('a subgraph that refuses to open the stream is heard with its own code', async () => {
  await using world = await GatewayWorld.start();
  const client = await SocketClient.open(world);
  client.subscribe('1', joined, { after: 'old.1' });
  await until(() => client.errors('1').length === 1, 'the refusal');
  expect(client.errors('1')[0]?.extensions).toEqual({ code: 'CURSOR_FOREIGN_EPOCH', serviceName: 'products' });
  expect(client.closed).toBeUndefined();
});

test('a join that fails leaves the rest of the event answered and names the subgraph', async () => {
  await using world = await GatewayWorld.start();
  const client = await SocketClient.open(world);
  client.subscribe('1', 'subscription { priceChanged { product { name rating } } }');
  await listening(world, 1);
  world.shop.down.add('reviews');
  world.shop.log.append('4');
  await until(() => client.messages.some(({ type }) => type === 'next'), 'the event');
  expect(client.messages.find(({ type }) => type === 'next')?.payload).toMatchObject({
    data: { priceChanged: { product: { name: 'Product 4', rating: null } } },
    errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR', serviceName: 'reviews' } }],
  });
});

test('a join that a variable leaves out is not asked for', async () => {
  await using world = await GatewayWorld.start();
  const client = await SocketClient.open(world);
  const text = 'subscription($rated: Boolean!) { priceChanged { product { id rating @include(if: $rated) } } }';
  client.subscribe('1', text, { rated: false });
  await listening(world, 1);
  world.shop.log.append('1');
  await until(() => client.data('1').length === 1, 'the event');
  expect(client.data('1')).toEqual([{ priceChanged: { product: { id: '1' } } }]);
  expect(world.shop.executions.reviews).toBe(0);
});

test('events are executed one after another, so a slow join delays and never reorders', async () => {
  await using world = await GatewayWorld.start();
  const client = await SocketClient.open(world);
  client.subscribe('1', joined);
  await listening(world, 1);
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  world.shop.beforeReviews = async () => {
    world.shop.beforeReviews = async () => undefined;
    await gate;
  };
  world.shop.log.append('1');
  world.shop.log.append('2');
  release();
  await until(() => client.data('1').length === 2, 'both');
  expect(client.data('1').map((data) => (data['priceChanged'] as { cursor: string }).cursor)).toEqual(['e1.1', 'e1.2']);
});

test('a burst of events does not keep a query waiting to its end', async () => {
  await using world = await GatewayWorld.start();
  const client = await SocketClient.open(world);
  client.subscribe('1', joined);
  await listening(world, 1);
  const burst = 300;
  for (let event = 1; event <= burst; event++) world.shop.log.append('1');
  await world.ask('{ caller }');
  expect(world.shop.executions.reviews).toBeLessThan(burst);
  await until(() => client.data('1').length === burst, 'the whole burst');
});

test('a stream without a cursor in its payload is shared all the same', async () => {
  await using world = await GatewayWorld.start();
  const client = await SocketClient.open(world);
  client.subscribe('1', 'subscription { tick { at } }');
  client.subscribe('2', 'subscription { tick { at } }');
  await listening(world, 1);
  world.shop.log.append('1');
  await until(() => client.data('1').length + client.data('2').length === 2, 'both');
  expect(client.data('1')).toEqual([{ tick: { at: 1 } }]);
});

test('the graphql-ws client of the wild gets a stream, a query and a mutation over one socket', async () => {
  await using world = await GatewayWorld.start();
  const client = createClient({
    url: `${world.gateway.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: 'Bearer anna' },
    lazy: false,
    retryAttempts: 0,
  });
  const events = client.iterate({ query: 'subscription { priceChanged { product { name rating } } }' });
  const first = events.next();
  await listening(world, 1);
  const mutation = client.iterate({ query: 'mutation { setPrice(id: "3", price: 7) { price rating } }' });
  expect((await mutation.next()).value).toEqual({ data: { setPrice: { price: 7, rating: 4 } } });
  expect((await mutation.next()).done).toBe(true);
  expect((await client.iterate({ query: '{ product(id: "1") { name } }' }).next()).value).toEqual({
    data: { product: { name: 'Product 1' } },
  });
  expect((await first).value).toEqual({ data: { priceChanged: { product: { name: 'Product 3', rating: 4 } } } });
  await client.dispose();
});
