import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { GatewayWorld, until } from './world/gateway-world.js';

const page = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

test.each([
  ['no key', null],
  ['a wrong key', 'nobody'],
])('%s is answered with 401 and the code UNAUTHENTICATED, introspection too', async (_, key) => {
  await using world = await GatewayWorld.start();
  const { status, headers, errors, data } = await world.ask('{ __schema { queryType { name } } }', {}, key);
  expect([status, headers.get('www-authenticate'), data]).toEqual([401, 'Bearer', undefined]);
  expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
});

test('a key store that fails is a fault, with nothing told about it', async () => {
  await using world = await GatewayWorld.start({
    authenticate: () => Promise.reject(new Error('secrets at 10.0.0.3')),
  });
  const { status, errors } = await world.ask('{ caller }', {}, 'anna', { 'x-request-id': 'request-0003' });
  expect(status).toBe(500);
  expect(errors[0]?.message).toBe('Something went wrong; see the log under request id request-0003.');
});

test('queries may come by GET, mutations may not', async () => {
  await using world = await GatewayWorld.start();
  const get = (query: string) =>
    fetch(`${world.gateway.url}/graphql?query=${encodeURIComponent(query)}`, {
      headers: { authorization: 'Bearer anna' },
    });
  expect(await (await get('{ caller }')).json()).toEqual({ data: { caller: 'anna' } });
  const mutation = await get('mutation { setPrice(id: "1", price: 1) { id } }');
  expect([mutation.status, mutation.headers.get('allow')]).toEqual([405, 'POST']);
  expect(world.shop.log.events).toEqual([]);
});

test('a request a foreign page could send without a preflight is refused', async () => {
  await using world = await GatewayWorld.start();
  const get = await fetch(`${world.gateway.url}/graphql?query={caller}`);
  expect(get.status).toBe(400);
  expect(await get.text()).toContain('Cross-Site Request Forgery');
});

test.each([
  ['a form', 'application/x-www-form-urlencoded', 'query={caller}', 415],
  ['plain text', 'text/plain', '{"query":"{caller}"}', 415],
  ['another charset', 'application/json; charset=latin1', '{"query":"{caller}"}', 415],
  ['broken JSON', 'application/json', '{"query":', 400],
  ['JSON without a query', 'application/json', '{}', 400],
  ['a batch', 'application/json', '[{"query":"{caller}"}]', 400],
])('%s is refused', async (_, type, body, status) => {
  await using world = await GatewayWorld.start();
  const headers = { 'content-type': type, authorization: 'Bearer anna' };
  const response = await fetch(`${world.gateway.url}/graphql`, { method: 'POST', headers, body });
  expect(response.status).toBe(status);
  const { errors } = (await response.json()) as { errors: { message: string }[] };
  expect(errors).toHaveLength(1);
});

test.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s is no way to ask', async (method) => {
  await using world = await GatewayWorld.start();
  const response = await fetch(`${world.gateway.url}/graphql`, { method });
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST']);
});

test('the answer has the type the caller asks for', async () => {
  await using world = await GatewayWorld.start();
  const typeFor = async (accept: string): Promise<[number, string | null]> => {
    const { status, headers } = await world.ask('{ caller }', {}, 'anna', { accept });
    return [status, headers.get('content-type')];
  };
  expect(await typeFor('application/graphql-response+json')).toEqual([
    200,
    'application/graphql-response+json; charset=utf-8',
  ]);
  expect(await typeFor('application/json')).toEqual([200, 'application/json; charset=utf-8']);
  expect((await typeFor('image/png'))[0]).toBe(406);
});

test('a subscription over HTTP is told where to go', async () => {
  await using world = await GatewayWorld.start();
  const { status, errors } = await world.ask('subscription { tick { at } }');
  expect(status).toBe(400);
  expect(errors[0]?.message).toBe('Subscriptions are served over WebSocket (graphql-transport-ws) at this address.');
});

test('a well-formed request id is kept, another one is replaced', async () => {
  await using world = await GatewayWorld.start();
  const idFor = async (id: string): Promise<string | null> =>
    (await world.ask('{ caller }', {}, 'anna', { 'x-request-id': id })).headers.get('x-request-id');
  expect(await idFor('trace.42:abc-DEF_9')).toBe('trace.42:abc-DEF_9');
  for (const bad of ['short', 'with space in it', 'x'.repeat(200), '"quoted-id"']) {
    expect(await idFor(bad)).toMatch(/^[0-9a-f-]{36}$/);
  }
});

test('other origins may not read by default, and configured ones may', async () => {
  const origin = 'https://dashboard.example';
  const preflight = { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } };
  await using closed = await GatewayWorld.start();
  const refused = await fetch(`${closed.gateway.url}/graphql`, preflight);
  expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([405, null]);
  await using open = await GatewayWorld.start({ allowedOrigins: [origin] });
  const allowed = await fetch(`${open.gateway.url}/graphql`, preflight);
  expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([204, origin]);
  expect(allowed.headers.get('access-control-allow-headers')).toContain('authorization');
  const answer = await open.ask('{ caller }', {}, 'anna', { origin });
  expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
  const stranger = await open.ask('{ caller }', {}, 'anna', { origin: 'https://else.example' });
  expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
});

test('an unknown path is a JSON 404, on a socket too', async () => {
  await using world = await GatewayWorld.start();
  const response = await fetch(`${world.gateway.url}/metrics`);
  expect([response.status, response.headers.get('content-type')]).toEqual([404, 'application/json; charset=utf-8']);
  expect(((await response.json()) as { errors: { extensions: object }[] }).errors[0]?.extensions).toEqual({
    code: 'NOT_FOUND',
  });
  const { WebSocket } = await import('ws');
  const socket = new WebSocket(`${world.gateway.url.replace('http', 'ws')}/elsewhere`, 'graphql-transport-ws');
  const error = await new Promise<Error>((resolve) => socket.on('error', resolve));
  expect(error.message).toContain('404');
});

test('a browser is led to the explorer, which runs its own script only and loads nothing from elsewhere', async () => {
  await using world = await GatewayWorld.start({ explorer: { title: 'The shop', defaultQuery: '{ caller }' } });
  for (const path of ['/', '/graphql']) {
    const response = await fetch(world.gateway.url + path, { headers: page, redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([302, '/explorer']);
  }
  const response = await fetch(`${world.gateway.url}/explorer`, { headers: page });
  const html = await response.text();
  expect([response.status, response.headers.get('content-encoding')]).toEqual([200, 'gzip']);
  expect(html).toContain('<title>The shop</title>');
  expect(html).not.toMatch(/<(?:script|link|img|iframe)[^>]+(?:src|href)\s*=\s*["']?(?:https?:)?\/\//i);

  const policy = response.headers.get('content-security-policy') ?? '';
  const script = /<script>([\s\S]*)<\/script>/.exec(html)?.[1] ?? '';
  expect(
    html
      .split(script)
      .join('')
      .match(/<script/g),
  ).toHaveLength(1);
  expect(policy).toContain(`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/https?:|script-src[^;]*unsafe/);
  const settings = script.slice(script.lastIndexOf('YogaGraphiQL.renderYogaGraphiQL'));
  expect(settings).toContain('"subscriptionsProtocol":"WS"');
  expect(settings).toContain('"connectionParams":explorerConnectionParams');

  const again = await fetch(`${world.gateway.url}/explorer`, {
    headers: { ...page, 'if-none-match': response.headers.get('etag') ?? '' },
  });
  expect(again.status).toBe(304);
});

test('in production a probe hears what is failing, and only the log hears why', async () => {
  const readiness = async () => ({ products: 'ok', reviews: 'connect ECONNREFUSED 10.0.0.7:5432' });
  await using world = await GatewayWorld.start({ readiness });
  const response = await fetch(`${world.gateway.url}/health/ready`);
  expect(await response.json()).toEqual({
    status: 'unavailable',
    subgraphs: { products: 'ok', reviews: 'failing; the log says why' },
  });
  const told = world.log.filter(({ message }) => message === 'not ready');
  expect(told.map(({ fields }) => fields)).toEqual([
    { subgraph: 'reviews', state: 'connect ECONNREFUSED 10.0.0.7:5432' },
  ]);
});

test('a request whose headers do not end is cut soon after its time', async () => {
  await using world = await GatewayWorld.start({ limits: { headersTimeout: 100 } });
  const socket = connect(world.gateway.port, '127.0.0.1');
  let answer = '';
  socket.on('data', (data) => (answer += String(data)));
  socket.write('POST /graphql HTTP/1.1\r\nHost: x\r\n');
  await until(() => socket.closed, 'the connection is cut');
  expect(answer).toContain('408 Request Timeout');
});

test('live is always said, ready only when all below is', async () => {
  let state: Record<string, string> = { products: 'ok', reviews: 'ok' };
  await using world = await GatewayWorld.start({ readiness: async () => state, production: false });
  const health = async (probe: string): Promise<[number, unknown]> => {
    const response = await fetch(`${world.gateway.url}/health/${probe}`);
    return [response.status, await response.json()];
  };
  expect(await health('live')).toEqual([200, { status: 'ok' }]);
  expect(await health('ready')).toEqual([200, { status: 'ok', subgraphs: { products: 'ok', reviews: 'ok' } }]);
  state = { products: 'ok', reviews: 'its store is read-only' };
  expect(await health('ready')).toEqual([
    503,
    { status: 'unavailable', subgraphs: { products: 'ok', reviews: 'its store is read-only' } },
  ]);
});

test('a readiness that cannot be told is none', async () => {
  await using world = await GatewayWorld.start({ readiness: () => Promise.reject(new Error('no')) });
  expect((await fetch(`${world.gateway.url}/health/ready`)).status).toBe(503);
});
