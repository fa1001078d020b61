/** Keys that another service verifies. */
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { verifyCaller } from '@numberyard/kit/service/signature';
import { anonymous, KeyEndpoint } from '../../src/identity/key-endpoint.js';
import { GatewayWorld, identity, until } from '../world/gateway-world.js';
import { signingSecret } from '../world/shop-servers.js';
import { SocketClient } from '../world/socket-client.js';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

interface Verifier extends AsyncDisposable {
  readonly endpoint: KeyEndpoint;
  readonly asked: unknown[];
  answer: (response: ServerResponse, authorization: string) => void;
}

/** Knows Anna's key. */
async function verifier(): Promise<Verifier> {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method = '', url: path = '', headers } = request;
      const header = String(headers['numberyard-identity']);
      const verified = verifyCaller(signingSecret, { method, path, body, header, now: Date.now() });
      const { authorization } = JSON.parse(body) as { authorization: string };
      it.asked.push({ ...verified, authorization, path });
      it.answer(response, authorization);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/internal/keys?of=shop`;
  const endpoint = new KeyEndpoint({ url, signingSecret, logger: silent });
  const it: Verifier = {
    endpoint,
    asked: [],
    answer: (response, authorization) =>
      void response.end(JSON.stringify(authorization === 'Bearer anna' ? identity('anna', 'root') : null)),
    [Symbol.asyncDispose]: async () => {
      await endpoint.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return it;
}

test('a key is asked about once in a while, in a request that the gateway signs for itself', async () => {
  await using keys = await verifier();
  await using world = await GatewayWorld.start({
    authenticate: (authorization) => keys.endpoint.authenticate(authorization),
    limits: { keyAge: 60_000 },
  });
  for (let ask = 0; ask < 3; ask++) expect((await world.ask('{ caller }')).data).toEqual({ caller: 'anna' });
  expect(keys.asked).toEqual([
    { caller: { service: 'gateway' }, authorization: 'Bearer anna', path: '/internal/keys?of=shop' },
  ]);
  await world.ask('mutation { setPrice(id: "1", price: 1) { id } }');
  expect(keys.asked).toHaveLength(2);
});

test('an unknown key is refused, and one that is missing without asking', async () => {
  await using keys = await verifier();
  await using world = await GatewayWorld.start({
    authenticate: (authorization) => keys.endpoint.authenticate(authorization),
  });
  expect((await world.ask('{ caller }', {}, 'bert')).status).toBe(401);
  expect(keys.asked).toHaveLength(1);
  expect((await world.ask('{ caller }', {}, null)).status).toBe(401);
  expect(keys.asked).toHaveLength(1);
});

test.each([
  ['does not know the gateway', (response: ServerResponse) => void response.writeHead(401).end('null')],
  ['sends it elsewhere', (response: ServerResponse) => void response.writeHead(302, { location: '/' }).end()],
  ['answers with something else', (response: ServerResponse) => void response.end('{"id":"anna"}')],
  ['answers with a page', (response: ServerResponse) => void response.end('<p>Welcome')],
])('an endpoint that %s is a fault, and no refusal', async (_, answer) => {
  await using keys = await verifier();
  keys.answer = answer;
  await using world = await GatewayWorld.start({
    authenticate: (authorization) => keys.endpoint.authenticate(authorization),
  });
  const { status, errors } = await world.ask('{ caller }');
  expect([status, errors[0]?.extensions['code']]).toEqual([500, 'INTERNAL_SERVER_ERROR']);
  await expect(keys.endpoint.health()).rejects.toThrow();
});

test.each([
  ['fails', (response: ServerResponse) => void response.writeHead(500).end('null')],
  ['is starting', (response: ServerResponse) => void response.writeHead(503).end('null')],
  ['breaks the connection', (response: ServerResponse) => void response.socket?.resetAndDestroy()],
])('where the endpoint %s a caller is told to come back, and changes nothing', async (_, answer) => {
  await using keys = await verifier();
  await using world = await GatewayWorld.start({
    authenticate: (authorization) => keys.endpoint.authenticate(authorization),
    limits: { keyAge: 60_000 },
  });
  expect((await world.ask('{ caller }')).status).toBe(200);
  keys.answer = answer;
  const mutation = await world.ask('mutation { setPrice(id: "1", price: 1) { id } }');
  const query = await world.ask('{ caller }', {}, 'bert');
  for (const { status, errors } of [mutation, query])
    expect([status, errors[0]?.extensions['code']]).toEqual([503, 'KEYS_UNAVAILABLE']);
  expect(world.shop.log.events).toEqual([]);
  await expect(keys.endpoint.health()).rejects.toThrow('Keys cannot be verified');
});

test('without keys everybody is let in as nobody, on a socket too', async () => {
  await using world = await GatewayWorld.start({ authenticate: async () => anonymous });
  expect((await world.ask('{ caller }', {}, null)).data).toEqual({ caller: '' });
  const client = new SocketClient(world.gateway.url);
  await client.ready();
  client.say({ type: 'connection_init' });
  await until(() => client.messages.length === 1, 'the acknowledgement');
  client.subscribe('1', '{ caller }');
  await until(() => client.data('1').length === 1, 'the answer');
  expect(client.data('1')).toEqual([{ caller: '' }]);
});
