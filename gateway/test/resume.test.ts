import { expect, test } from 'vitest';
import { GatewayWorld, until } from './world/gateway-world.js';
import { SocketClient } from './world/socket-client.js';

const watch =
  'subscription Watch($after: String) { priceChanged(after: $after) { at: cursor product { name rating } } }';
const watchOne =
  'subscription One($product: ID, $after: String) { priceChanged(product: $product, after: $after) { at: cursor product { rating } } }';

function positions(client: SocketClient, id: string): number[] {
  return client.data(id).map((data) => Number((data['priceChanged'] as { at: string }).at.split('.')[1]));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** Small and repeatable (mulberry32). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

test('a stream with a cursor gets what it missed, then what happens, over the one shared upstream in the end', async () => {
  await using world = await GatewayWorld.start();
  const { log } = world.shop;
  for (let event = 1; event <= 5; event++) log.append('1');
  const client = await SocketClient.open(world);
  client.subscribe('live', watch);
  await until(() => log.open === 1, 'the shared stream is open');
  client.subscribe('late', watch, { after: log.cursor(2) });
  await until(() => client.data('late').length === 3, 'the missed ones');
  log.append('1');
  await until(() => log.open === 1, 'the private upstream is given up');
  const executions = world.shop.executions.reviews;
  log.append('1');
  await until(() => client.data('late').length === 5 && client.data('live').length === 2, 'the new ones');
  expect(positions(client, 'late')).toEqual([3, 4, 5, 6, 7]);
  expect(world.shop.executions.reviews).toBe(executions + 1);
});

test('a client that returns with the newest cursor of a stream others kept open joins it without an upstream of its own', async () => {
  await using world = await GatewayWorld.start();
  const { log } = world.shop;
  const client = await SocketClient.open(world);
  client.subscribe('live', watch);
  await until(() => log.open === 1, 'the shared stream is open');
  log.append('1');
  await until(() => client.data('live').length === 1, 'the first event');
  client.subscribe('back', watch, { after: log.cursor(1) });
  await until(() => world.log.filter(({ message }) => message === 'stream started').length === 2, 'the second start');
  log.append('1');
  await until(() => client.data('back').length === 1, 'the second event');
  expect(positions(client, 'back')).toEqual([2]);
  expect(log.opened).toBe(1);
});

test('clients that resume at the same cursor together share one upstream and one execution from the first event on', async () => {
  await using world = await GatewayWorld.start();
  const { log } = world.shop;
  for (let event = 1; event <= 4; event++) log.append('1');
  let open: () => void = () => undefined;
  const opening = new Promise<void>((resolve) => (open = resolve));
  world.shop.beforeOpen = () => opening;
  const clients = await Promise.all(['anna', 'bert', 'anna'].map((key) => SocketClient.open(world, key)));
  for (const client of clients) client.subscribe('1', watch, { after: log.cursor(1) });
  await until(() => world.log.filter(({ message }) => message === 'stream started').length === 3, 'all have begun');
  clients[2]?.socket.terminate();
  open();
  log.append('1');
  const heard = clients.slice(0, 2);
  await until(() => heard.every((client) => client.data('1').length === 4), 'both have all');
  expect(world.shop.executions.reviews).toBe(4);
  log.append('1');
  await until(() => heard.every((client) => client.data('1').length === 5), 'and the next one');
  await until(() => log.open === 1, 'the live stream is joined');
  for (const client of heard) expect(positions(client, '1')).toEqual([2, 3, 4, 5, 6]);
  expect(log.opened).toBe(2);
  for (const client of heard) client.socket.terminate();
  await until(() => log.open === 0, 'nothing is left open');
});

test('of those who resume together one that stands still is ended and the others are not held up', async () => {
  await using world = await GatewayWorld.start({ limits: { socketBacklog: 100_000 } });
  const { log } = world.shop;
  const bulk = 'x'.repeat(500_000);
  const events = 60;
  for (let event = 1; event <= events; event++) log.append('1', bulk);
  const text = 'subscription { priceChanged(after: "e1.0") { at: cursor change } }';
  let open: () => void = () => undefined;
  const opening = new Promise<void>((resolve) => (open = resolve));
  world.shop.beforeOpen = () => opening;
  const still = await SocketClient.open(world);
  const quick = await SocketClient.open(world);
  for (const client of [still, quick]) client.subscribe('1', text);
  await until(() => world.log.filter(({ message }) => message === 'stream started').length === 2, 'both have begun');
  still.socket.pause();
  open();
  await until(() => quick.data('1').length === events, 'the quick one has all', 20_000);
  still.socket.resume();
  await until(() => still.errors('1').length === 1, 'the other one is told');
  const got = positions(still, '1');
  expect(got).toEqual(range(1, got.length));
  expect(still.errors('1')[0]?.extensions).toEqual({ code: 'SLOW_CONSUMER', cursor: log.cursor(got.length) });
  expect(positions(quick, '1')).toEqual(range(1, events));
}, 30_000);

test('a cursor written into the operation, or its variable default, is a cursor all the same', async () => {
  await using world = await GatewayWorld.start();
  const { log } = world.shop;
  for (let event = 1; event <= 3; event++) log.append('1');
  const client = await SocketClient.open(world);
  client.subscribe('literal', 'subscription { priceChanged(after: "e1.1") { at: cursor } }');
  client.subscribe('default', 'subscription($c: String = "e1.2") { priceChanged(after: $c) { at: cursor } }');
  await until(() => client.data('literal').length === 2 && client.data('default').length === 1, 'the missed ones');
  log.append('1');
  log.append('1');
  await until(() => client.data('literal').length === 4 && client.data('default').length === 3, 'the new ones');
  expect(positions(client, 'literal')).toEqual([2, 3, 4, 5]);
  expect(positions(client, 'default')).toEqual([3, 4, 5]);
});

test('a stream that leaves while it catches up leaves nothing open', async () => {
  await using world = await GatewayWorld.start();
  const { log } = world.shop;
  for (let event = 1; event <= 5; event++) log.append('1');
  const client = await SocketClient.open(world);
  let arrived = 0;
  world.shop.beforeReviews = () => {
    arrived += 1;
    return new Promise(() => undefined);
  };
  client.subscribe('1', watch, { after: log.cursor(0) });
  await until(() => arrived === 1, 'the first missed event is being joined');
  client.say({ id: '1', type: 'complete' });
  await until(() => log.open === 0, 'all upstreams are closed');
  expect(client.data('1')).toEqual([]);
});

for (let seed = 1; seed <= 25; seed++) {
  test(`nothing is missed, doubled or reordered while a writer writes and clients come and go (seed ${seed})`, async () => {
    const random = randomFrom(seed);
    await using world = await GatewayWorld.start({ limits: { catchUpBuffer: 1 + random(6) } });
    const { log } = world.shop;
    const turns = async (most: number): Promise<void> => {
      for (let turn = random(most + 1); turn > 0; turn--) await new Promise((resolve) => setImmediate(resolve));
    };
    world.shop.beforeReviews = () => turns(3);
    const product = (): string => (random(3) === 0 ? '2' : '1');
    for (let event = random(40); event > 0; event--) log.append(product());

    const client = await SocketClient.open(world);
    const followed: { id: string; after: number }[] = [];
    let writing = true;
    const writer = (async () => {
      while (writing) {
        for (let burst = random(4); burst > 0; burst--) log.append(product());
        await turns(12);
      }
    })();
    for (let arrival = 0; arrival < 12; arrival++) {
      const id = `c${arrival}`;
      if (random(3) === 0) {
        // Holds the shared stream open for a while, and takes it away under those who are joining.
        client.subscribe(id, watchOne, { product: '1' });
        await turns(20);
        client.say({ id, type: 'complete' });
      } else {
        // Some of them at one cursor, so that they catch up together.
        const after = random(2) === 0 ? Math.min(5, log.events.length) : random(log.events.length + 1);
        followed.push({ id, after });
        client.subscribe(id, watchOne, { product: '1', after: log.cursor(after) });
        await turns(15);
      }
    }
    writing = false;
    await writer;
    const expected = (after: number): number[] =>
      log.events.filter((event) => event.position > after && event.product === '1').map((event) => event.position);
    await until(
      () => followed.every(({ id, after }) => client.data(id).length >= expected(after).length),
      'everybody has everything',
    );
    for (const { id, after } of followed)
      expect({ id, got: positions(client, id) }).toEqual({ id, got: expected(after) });

    log.append('1');
    await until(() => followed.every(({ id, after }) => client.data(id).length >= expected(after).length), 'one more');
    await until(() => log.open === 1, 'all are on one upstream');
    for (const { id, after } of followed)
      expect({ id, got: positions(client, id) }).toEqual({ id, got: expected(after) });
  });
}

test('a client that does not read is ended with the cursor to go on from, and then misses nothing', async () => {
  await using world = await GatewayWorld.start({ limits: { socketBacklog: 100_000 } });
  const { log } = world.shop;
  const slow = await SocketClient.open(world);
  const quick = await SocketClient.open(world);
  const bulky = 'subscription Bulky($after: String) { priceChanged(after: $after) { at: cursor change } }';
  slow.subscribe('1', bulky);
  quick.subscribe('1', bulky);
  await until(() => log.open === 1, 'the stream is open');
  slow.socket.pause();
  const bulk = 'x'.repeat(500_000);
  const ended = (): boolean => world.log.some(({ message }) => message === 'stream ended');
  while (!ended()) {
    const { position } = log.append('1', bulk);
    await until(() => quick.data('1').length === position, 'the quick one has it');
  }
  log.append('1', 'small');
  slow.socket.resume();
  await until(() => slow.errors('1').length === 1, 'the slow one is told');
  const { code, cursor } = slow.errors('1')[0]?.extensions ?? {};
  const got = positions(slow, '1');
  expect(code).toBe('SLOW_CONSUMER');
  expect(got).toEqual(range(1, got.length));
  expect(cursor).toBe(log.cursor(got.length));
  slow.subscribe('2', bulky, { after: cursor });
  await until(() => positions(slow, '2').at(-1) === log.events.length, 'the rest');
  expect(positions(slow, '2')).toEqual(range(got.length + 1, log.events.length));
  expect(positions(quick, '1')).toEqual(range(1, log.events.length));
});
