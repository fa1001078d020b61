/** A remembered key is good enough to read with for some seconds; to change something it has to be valid now. */
import { expect, test } from 'vitest';
import { GatewayWorld, identity, until } from './world/gateway-world.js';
import { SocketClient } from './world/socket-client.js';

const change = 'mutation { setPrice(id: "1", price: 1) { id } }';
const remembering = { limits: { keyAge: 60_000 } };

test('a key revoked a moment ago changes nothing any more, though it is still remembered', async () => {
  await using world = await GatewayWorld.start(remembering);
  expect((await world.ask('{ caller }')).errors).toEqual([]);
  world.keys.delete('Bearer anna');
  const { status, errors } = await world.ask(change);
  expect([status, errors[0]?.extensions['code']]).toEqual([401, 'UNAUTHENTICATED']);
  expect(world.shop.log.events).toEqual([]);
});

test('a key whose rights were narrowed a moment ago changes nothing with the old ones', async () => {
  await using world = await GatewayWorld.start(remembering);
  await world.ask('{ caller }');
  world.keys.set('Bearer anna', identity('anna', 'root.below'));
  expect((await world.ask(change)).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  expect(world.shop.log.events).toEqual([]);
  expect((await world.ask(change)).errors).toEqual([]);
});

test('on a socket too', async () => {
  await using world = await GatewayWorld.start(remembering);
  const client = await SocketClient.open(world);
  client.subscribe('1', change);
  await until(() => client.data('1').length === 1, 'the first change');
  world.keys.delete('Bearer anna');
  client.subscribe('2', change);
  await until(() => client.errors('2').length === 1, 'the refusal');
  expect(client.errors('2')).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  expect(world.shop.log.events).toHaveLength(1);
});
